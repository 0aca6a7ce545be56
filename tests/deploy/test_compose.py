"""What is deployed is what is built: every service, every setting, no secret inside."""

import re
from pathlib import Path

import pytest
import yaml

from toolkit.infra.settings import PREFIX, Settings
from toolkit.messages.topics import ENVIRONMENTS
from toolkit.topology import SERVICES

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
STACK = COMPOSE["services"]
OURS = [name for name, one in STACK.items() if one.get("image") == "escrow-platform"]
# What has no default must reach every service.
REQUIRED = {name for name, field in Settings.model_fields.items() if field.is_required()}


def given(service):
    """The settings that reach a service, by its environment or its secrets."""
    one = STACK[service]
    names = {*one["environment"], *one["secrets"]} - {"owner_dsn"}  # what a _FILE names
    return {n.lower().removeprefix(PREFIX.lower()).removesuffix("_file") for n in names}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_deployed(service):
    assert STACK[service]["command"] == ["run", service]


@pytest.mark.parametrize("service", OURS)
def test_a_service_has_every_setting_that_it_needs_and_no_unknown_one(service):
    assert given(service) <= set(Settings.model_fields)
    assert given(service) >= REQUIRED


@pytest.mark.parametrize("service", OURS)
def test_no_secret_stands_in_the_environment(service):
    secret = {n for n, f in Settings.model_fields.items() if "Secret" in str(f.annotation)}
    in_the_open = {
        name.lower().removeprefix(PREFIX.lower()) for name in STACK[service]["environment"]
    }
    assert in_the_open & secret <= {"redis_url", "postgres_dsn"}  # without a password
    assert "@" not in str(STACK[service]["environment"])


def test_only_payments_can_move_money_at_stripe():
    assert [name for name in OURS if "stripe_api_key" in given(name)] == ["payments"]


def test_what_is_mounted_as_a_secret_is_declared():
    used = {name for one in STACK.values() for name in one.get("secrets", ())}
    assert used <= set(COMPOSE["secrets"])


@pytest.mark.parametrize(
    "service", [n for n, one in STACK.items() if one.get("image") != "escrow-platform"]
)
def test_somebody_elses_image_names_its_version(service):
    _, _, version = STACK[service]["image"].partition(":")
    assert version
    assert version != "latest"


def test_services_wait_for_schemas_and_topics():
    for service in SERVICES:
        waits = STACK[service]["depends_on"]
        assert set(waits) == {"migrate", "topics"}
    assert STACK["topics"]["command"][-1] in ENVIRONMENTS


def test_three_brokers_keep_what_two_have_written():
    brokers = [one for name, one in STACK.items() if name.startswith("kafka-")]
    assert len({one["environment"]["KAFKA_NODE_ID"] for one in brokers}) == 3
    assert all(one["environment"]["KAFKA_MIN_INSYNC_REPLICAS"] == 2 for one in brokers)


def test_the_image_copies_what_is_there():
    for line in (DEPLOY / "Dockerfile").read_text().splitlines():
        verb, *words = line.split()[:3] or [""]
        if verb == "COPY" and not words[0].startswith("--"):
            assert (DEPLOY.parent / words[0]).exists(), line


def test_the_image_is_built_from_exact_versions():
    text = (DEPLOY / "Dockerfile").read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-[a-z]+", bases[0])
    for installed in re.findall(r"pip install (.+)$", text, re.MULTILINE):
        named = [word for word in installed.split() if not word.startswith("-")]
        from_lock = "--require-hashes" in installed
        assert from_lock or all(re.fullmatch(r"\w+==\d+(\.\d+)+", each) for each in named)
