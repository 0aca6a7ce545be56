"""The real world gives audit what its settings say: a key, and a chain if there is one."""

from contextlib import AsyncExitStack

import pytest

from toolkit.auditing import auditing
from toolkit.core.message import Event
from toolkit.infra.settings import Settings, SettingsWrong
from toolkit.messages.topics import RECORDS
from toolkit.topology import ARCHIVED

NEEDED = {
    "postgres_dsn": "postgresql://db.example/escrow",
    "kafka_bootstrap": "broker:9092",
    "registry_url": "http://registry.example",
    "jwt_issuer": "issuer",
    "jwt_audience": "audience",
    "jwt_keys": "keys.json",
    "archive_root": "archive",
    "audit_signing_key": "0a" * 32,
}
CHAIN = {
    "chain_url": "http://node.example",
    "chain_key": "0b" * 32,
    "anchor_contract": "0x" + "0c" * 20,
}


async def given(service="audit", **more):
    async with AsyncExitStack() as stack:
        return await auditing(Settings(**{**NEEDED, **more}), service, stack)


async def test_without_a_node_nothing_is_anchored():
    assert (await given()).anchor is None


async def test_with_a_node_roots_go_into_the_contract_at_the_interval_of_the_settings():
    made = await given(**CHAIN, anchor_every_s=60.0, chain_confirmations=5)
    assert made.anchor.contract.address == CHAIN["anchor_contract"]
    assert made.anchor.account.confirmations == 5
    assert made.policy.anchor_every.total_seconds() == 60


async def test_no_other_service_holds_the_key():
    assert await given("escrow", **CHAIN) is None


async def test_without_its_key_audit_says_how_to_make_one():
    with pytest.raises(SettingsWrong, match="token_hex"):
        await given(audit_signing_key=None)


@pytest.mark.parametrize("missing", CHAIN)
async def test_half_a_chain_is_refused(missing):
    with pytest.raises(ValueError, match="belong together"):
        await given(**{k: v for k, v in CHAIN.items() if k != missing})


def test_what_services_say_is_archived():
    """Whoever counts what was said waits until all of it is in the archive."""
    said = {cls.topic for cls in RECORDS if issubclass(cls, Event)}
    by_others = {"reconciliation.events.v1"}  # a command says it, and waits for nobody
    assert said - by_others <= set(ARCHIVED)
