"""Who verifies, and where the wallets are, is told by settings; what is wrong is named."""

from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr

from toolkit.infra.settings import Settings, SettingsWrong
from toolkit.infra.vendors import open_agents, open_wallets, panel
from toolkit.messages.closing import VerificationType

INSPECTION = VerificationType.INSPECTION


def settings(**given):
    return Settings(
        postgres_dsn=SecretStr("unused"),
        kafka_bootstrap="unused:1",
        registry_url="http://unused",
        jwt_issuer="unused",
        jwt_audience="unused",
        jwt_keys="unused",
        archive_root="unused",
        **given,
    )


async def test_an_agent_is_connected_for_each_address():
    given = settings(
        agents_urls='{"INSPECTION": "http://127.0.0.1:1"}',
        agents_tokens='{"INSPECTION": "t", "LENDING": "another"}',
    )
    async with AsyncExitStack() as stack:
        opened = await open_agents(given, stack)
    assert {id: agent.type for id, agent in opened.items()} == {
        "agent-inspection": INSPECTION
    }
    assert panel(given) == {INSPECTION: "agent-inspection"}


async def test_an_agent_without_a_token_is_named():
    given = settings(agents_urls='{"INSPECTION": "http://127.0.0.1:1"}')
    async with AsyncExitStack() as stack:
        with pytest.raises(SettingsWrong, match="no token for INSPECTION"):
            await open_agents(given, stack)


def test_a_verification_that_nobody_knows_is_named():
    with pytest.raises(SettingsWrong, match="'ROOF'"):
        panel(settings(agents_urls='{"ROOF": "http://127.0.0.1:1"}'))


async def test_without_an_address_there_are_no_wallets():
    async with AsyncExitStack() as stack:
        assert await open_wallets(settings(), stack) is None
