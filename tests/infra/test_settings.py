"""Settings come from the environment or from files, and no secret is ever printed."""

import json
import logging
import pickle
from pathlib import Path
from typing import get_args

import pytest
from confluent_kafka import Producer
from pydantic import SecretStr

from toolkit.__main__ import _cause, main
from toolkit.assembly import kafka_of
from toolkit.infra.settings import (
    PREFIX,
    Settings,
    SettingsWrong,
    read,
)
from toolkit.infra.settings_page import reference, shown

SECRET = "0ddc0ffee5ec2e7"  # noqa: S105 - it is what must not be seen
# What sounds like a secret and is none: keys and names that everybody may see.
PUBLIC = {
    "jwt_keys",
    "http_key",
    "sendgrid_webhook_keys",
}  # where the keys are, not what they are
TELLING = ("secret", "password", "token", "api_key", "dsn", "_key", "keys", "redis_url")
VALUES = {
    "stripe_webhook_secrets": f"{SECRET}-1,{SECRET}-2",
    "postgres_passwords": json.dumps({"reader": f"{SECRET}-3"}),
    "agents_tokens": json.dumps({"INSPECTION": f"{SECRET}-4"}),
    "postgres_dsn": f"postgresql://owner:{SECRET}@db.example/escrow",
    "custodian_entity_secret": (SECRET * 5)[:64],  # nothing but 64 hexadecimal digits
    "webhook_key": (SECRET * 5)[:64],
    "sendgrid_sender": "escrow@example.org",
    "twilio_account": "AC1",
    "twilio_sender": "+15550000000",
    "audit_signing_key": (SECRET * 5)[:64],
    "chain_key": (SECRET * 5)[:64],
    "anchor_contract": "0x" + "a" * 40,
    "kafka_bootstrap": "broker:9092",
    "kafka_security_protocol": "SASL_SSL",
    "kafka_sasl_mechanism": "SCRAM-SHA-512",
    "kafka_user": "escrow",
    "registry_url": "http://registry.example",
    "jwt_issuer": "issuer",
    "jwt_audience": "audience",
    "jwt_keys": "keys.json",
    "archive_root": "archive",
}


def is_secret(name):
    def kinds(annotation):
        yield annotation
        for part in get_args(annotation):
            yield from kinds(part)

    return SecretStr in kinds(Settings.model_fields[name].annotation)


SECRETS = [name for name in Settings.model_fields if is_secret(name)]


def environment():
    """A value for every setting that needs one, and for every secret."""
    secrets = {name: f"{SECRET}-{name}" for name in SECRETS}
    return {f"{PREFIX}{n.upper()}": v for n, v in {**secrets, **VALUES}.items()}


@pytest.fixture
def settings(monkeypatch):
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    return read()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_what_sounds_like_a_secret_is_one(name):
    if any(word in name for word in TELLING) and name not in PUBLIC:
        assert is_secret(name), f"{name}: make it a SecretStr, or say why it is none"


@pytest.mark.parametrize(
    "written",
    [
        repr,
        str,
        lambda s: s.model_dump_json(),
        lambda s: str(s.model_dump()),
        lambda s: json.dumps(shown(s)),
        lambda s: f"{s!r:.500}",
    ],
    ids=["repr", "str", "json", "dump", "shown", "cut"],
)
def test_no_secret_is_written_however_settings_are(settings, written):
    text = written(settings)
    assert SECRET not in text
    assert "issuer" in text


def test_no_secret_is_in_a_log_line(settings, caplog):
    with caplog.at_level(logging.DEBUG):
        for name in Settings.model_fields:
            logging.getLogger("any").info("%s %r", name, getattr(settings, name))
    assert SECRET not in caplog.text


def test_every_secret_is_there_for_whoever_needs_it(settings):
    for name in SECRETS:
        assert SECRET.encode() in pickle.dumps(getattr(settings, name)), name


@pytest.mark.usefixtures("settings")
def test_the_command_shows_every_setting_and_no_secret(capsys):
    assert main(["settings"]) == 0
    printed = capsys.readouterr().out
    assert SECRET not in printed
    assert set(json.loads(printed)) == {
        f"{PREFIX}{n.upper()}" for n in Settings.model_fields
    }
    assert json.loads(printed)["ESCROW_STRIPE_API_KEY"] == "set, not shown"


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("name", ["postgres_passwords", "http_port", "postgres_user"])
def test_a_value_that_is_wrong_is_not_repeated(monkeypatch, capsys, name):
    monkeypatch.setenv(f"{PREFIX}{name.upper()}", f'{SECRET} {{"no json')
    assert main(["settings"]) == 64
    told = capsys.readouterr()
    assert f"{PREFIX}{name.upper()}" in told.err
    assert SECRET not in told.out + told.err


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("way", ["a file that is named", "a folder of secrets"])
def test_a_secret_may_be_in_a_file(settings, monkeypatch, tmp_path, name, way):
    variable = f"{PREFIX}{name.upper()}"
    file = tmp_path / variable.lower()
    file.write_text(environment()[variable] + "\n")
    monkeypatch.delenv(variable)
    if way == "a folder of secrets":
        monkeypatch.setenv(f"{PREFIX}SECRETS", str(tmp_path))
    else:
        monkeypatch.setenv(f"{variable}_FILE", str(file))
    assert getattr(read(), name) == getattr(settings, name)


@pytest.mark.usefixtures("settings")
def test_a_file_that_is_not_there_is_named(monkeypatch):
    monkeypatch.delenv("ESCROW_STRIPE_API_KEY")
    monkeypatch.setenv("ESCROW_STRIPE_API_KEY_FILE", "/nowhere/key")
    with pytest.raises(SettingsWrong, match="ESCROW_STRIPE_API_KEY_FILE /nowhere/key"):
        read()


@pytest.mark.usefixtures("settings")
def test_a_value_in_two_places_is_refused(monkeypatch):
    monkeypatch.setenv("ESCROW_STRIPE_API_KEY_FILE", "/anywhere")
    with pytest.raises(SettingsWrong, match="keep one"):
        read()


def test_how_the_brokers_are_reached_is_told_to_their_client(settings):
    told = kafka_of(settings)
    Producer(told)  # it refuses what it does not know
    assert told == {
        "bootstrap.servers": "broker:9092",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "escrow",
        "sasl.password": f"{SECRET}-kafka_password",
    }


@pytest.mark.usefixtures("settings")
def test_whom_to_believe_is_a_file_that_is_there(monkeypatch, tmp_path):
    place = tmp_path / "ca.pem"
    monkeypatch.setenv("ESCROW_KAFKA_CA", str(place))
    with pytest.raises(SettingsWrong, match="no file"):
        read()
    place.touch()
    assert kafka_of(read())["ssl.ca.location"] == str(place)


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KAFKA_USER", None),
        ("KAFKA_PASSWORD", None),
        ("KAFKA_SASL_MECHANISM", None),
        ("KAFKA_SECURITY_PROTOCOL", "SSL"),
    ],
)
def test_a_login_at_the_brokers_is_whole_or_there_is_none(monkeypatch, name, value):
    variable = f"{PREFIX}{name}"
    monkeypatch.delenv(variable)
    if value is not None:
        monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsWrong, match="KAFKA_SECURITY_PROTOCOL") as told:
        read()
    assert SECRET not in str(told.value)


def test_a_wrong_setting_is_found_among_what_failed_with_it():
    wrong, other = SettingsWrong("set it"), OSError("gone")
    assert _cause(BaseExceptionGroup("", [other, ExceptionGroup("", [wrong])])) is wrong
    only = BaseExceptionGroup("", [other])
    assert _cause(only) is only


def test_the_page_about_settings_is_what_the_settings_say():
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text() == reference(), "python -m toolkit settings --reference"


def test_every_setting_says_what_it_means():
    assert all(field.description for field in Settings.model_fields.values())
