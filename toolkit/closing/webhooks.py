"""What closing makes of webhooks: each is a hint to look at a wallet or at an order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from toolkit.core.decider import Consequence, Perform
from toolkit.messages.closing import CollectVerification, VerificationType
from toolkit.messages.wallets import InspectWallet
from toolkit.messages.webhooks import WebhookReceived

WALLETS = "wallets"  # the provider's name in a webhook
AGENTS = "agents/"  # and what an agent's begins with; its type is behind it
TELLING_OF_MONEY = frozenset({"deposit.available", "balance.updated"})
TELLING_OF_WORK = frozenset({"order.completed", "order.failed", "order.cancelled"})


def heard(webhook: WebhookReceived) -> Iterator[Consequence]:
    """Look at what a telling event is about; other providers' events are not ours.

    Raises KeyError, TypeError or ValueError on a payload that is no event of its provider,
    which makes it a dead letter.
    """
    if webhook.provider == WALLETS and webhook.provider_event_type in TELLING_OF_MONEY:
        told = _object(webhook)
        yield Perform(
            command=InspectWallet(
                transaction_id=_text(told["metadata"], "transaction_id"),
                wallet_id=_text(told, "wallet"),
            )
        )
    elif (
        webhook.provider.startswith(AGENTS)
        and webhook.provider_event_type in TELLING_OF_WORK
    ):
        told = _object(webhook)
        names = told["metadata"]
        yield Perform(
            command=CollectVerification(
                transaction_id=_text(names, "transaction_id"),
                task_id=_text(names, "task_id"),
                agent_id=_text(names, "agent_id"),
                type=VerificationType(webhook.provider.removeprefix(AGENTS)),
                order_ref=_text(told, "id"),
            )
        )


def _object(webhook: WebhookReceived) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(webhook.payload)["data"]["object"]
    return found


def _text(found: Mapping[str, Any], name: str) -> str:
    if not isinstance(text := found[name], str):
        raise TypeError(f"{name} is {text!r:.80}, and no text")
    return text
