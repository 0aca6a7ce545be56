"""What audit needs of the real world: its key, salts that nobody can guess, and a chain."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta

from toolkit.audit.decider import Policy
from toolkit.audit.note import Signer
from toolkit.audit.service import Anchor
from toolkit.infra.salts import drawn
from toolkit.infra.settings import Settings, SettingsWrong
from toolkit.topology import Auditing


async def auditing(
    settings: Settings, service: str, stack: AsyncExitStack
) -> Auditing | None:
    """Give audit what it needs: a key to sign with, salts, and a chain if there is one."""
    if service != "audit":
        return None
    policy = Policy(
        leaves_max=settings.audit_leaves_max,
        seal_within=timedelta(seconds=settings.audit_seal_within_s),
        anchor_every=timedelta(seconds=settings.anchor_every_s),
    )
    return Auditing(
        salts=drawn,
        signer=notary(settings),
        anchor=await _anchor(settings, stack),
        policy=policy,
    )


async def _anchor(settings: Settings, stack: AsyncExitStack) -> Anchor | None:
    """Open the chain, where there is a node, a key and a contract."""
    url, key, address = settings.chain_url, settings.chain_key, settings.anchor_contract
    if url is None or key is None or address is None:
        return None
    from toolkit.infra.chain import account, anchor, rpc  # noqa: PLC0415 - large libraries

    clock, depth = settings.clock, settings.chain_confirmations
    node = await stack.enter_async_context(rpc.connect(url.get_secret_value(), clock))
    keeper = account.Account.of(node, key.get_secret_value(), clock, depth)
    return anchor.ChainAnchor.at(keeper, address)


def notary(settings: Settings) -> Signer:
    """Take up the key that checkpoints are signed with."""
    if settings.audit_signing_key is None:
        raise SettingsWrong(
            "ESCROW_AUDIT_SIGNING_KEY is missing: audit signs its checkpoints. Make one: "
            "python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    seed = bytes.fromhex(settings.audit_signing_key.get_secret_value())
    try:
        return Signer(name=settings.audit_origin, seed=seed)
    except ValueError as wrong:
        raise SettingsWrong(f"ESCROW_AUDIT_ORIGIN: {wrong}") from wrong
