"""The vendors of closings, opened from settings: the wallet provider, and the agents."""

from __future__ import annotations

from contextlib import AsyncExitStack

from toolkit.infra import agents, wallets
from toolkit.infra.agents import AgentClient
from toolkit.infra.settings import Settings, SettingsWrong
from toolkit.infra.wallets import WalletClient
from toolkit.messages.closing import VerificationType


def panel(settings: Settings) -> dict[VerificationType, str]:
    """Name the agent that is asked first, for each verification that has one."""
    known = {type.value for type in VerificationType}
    for name in (*settings.agents_urls, *settings.agents_tokens):
        if name not in known:
            raise SettingsWrong(
                f"ESCROW_AGENTS_URLS and ESCROW_AGENTS_TOKENS know {', '.join(known)}, and "
                f"not {name!r}"
            )
    return {
        type: f"agent-{type.lower()}"
        for type in VerificationType
        if type.value in settings.agents_urls
    }


async def open_wallets(settings: Settings, stack: AsyncExitStack) -> WalletClient | None:
    """Open the provider's client where there is an address and a token for it."""
    url, token = settings.wallets_url, settings.wallets_token
    if url is None or token is None:
        return None
    return await stack.enter_async_context(wallets.connect(url, token.get_secret_value()))


async def open_agents(settings: Settings, stack: AsyncExitStack) -> dict[str, AgentClient]:
    """Open a client for each agent of the panel, by agent id."""
    found = {}
    for type, agent_id in panel(settings).items():
        token = settings.agents_tokens.get(type.value)
        if token is None:
            raise SettingsWrong(f"ESCROW_AGENTS_TOKENS has no token for {type}: add it")
        url = settings.agents_urls[type.value]
        client = agents.connect(type, url, token.get_secret_value())
        found[agent_id] = await stack.enter_async_context(client)
    return found
