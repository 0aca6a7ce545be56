"""Those who verify: how a report is ordered from an agent, and how it is fetched.

Each agent of the panel is reached through one port, whatever it is that it verifies. What
a report must say is `reports.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from typing import Any, Protocol

from toolkit.core.errors import Declined, Unavailable, Unfinished
from toolkit.core.message import Message, record
from toolkit.core.money import decimal
from toolkit.messages.closing import (
    CollectVerification,
    Finding,
    OrderVerification,
    SubmitVerification,
    VerificationReport,
    VerificationStarted,
)
from toolkit.messages.payload import instant
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.breaker import Performing
from toolkit.runtime.retry import backoff

Object = Mapping[str, Any]
LOOKS_EVERY = timedelta(hours=1)  # at least; a webhook is quicker
LOOKS_AT_MOST_EVERY = timedelta(hours=12)


class Agent(Protocol):
    """One agent's API. Every method raises Declined for a no, Unavailable for silence."""

    async def order(self, params: Object, key: str) -> Object:
        """Ask for a report, once for each key; answer the order."""
        ...

    async def read(self, order_ref: str) -> Object:
        """Read an order: its `status`, and its `report` or `reason` once it has ended."""
        ...


@record
class AgentRail:
    """Performs what is asked of one agent; the answers are facts, and reports."""

    api: Agent

    async def perform(self, command: Message, attempt: Attempt) -> Sequence[Message]:
        match command:
            case OrderVerification():
                return [await _order(self.api, command, attempt)]
            case CollectVerification():
                return await _collect(self.api, command, attempt)
            case unknown:
                raise AssertionError(f"nothing an agent can do: {unknown!r}")


@record
class AgentDesk:
    """Sends orders to the agents that are connected; the others work by hand."""

    agents: Mapping[str, Performing] = field(default_factory=dict)  # by agent id

    async def perform(
        self, command: OrderVerification | CollectVerification, attempt: Attempt
    ) -> Sequence[Message]:
        agent = self.agents.get(command.agent_id)
        if agent is not None:
            return await agent.perform(command, attempt)
        if isinstance(command, OrderVerification):
            return []  # whoever it is hands the report in
        raise Unavailable(f"the agent {command.agent_id} is not connected any more")


async def _order(agent: Agent, ask: OrderVerification, attempt: Attempt) -> Message:
    params = {
        "type": ask.type,
        "property_id": ask.property_id,
        "price": decimal(ask.price.minor, ask.price.currency).replace(",", ""),
        "due_at": instant(ask.deadline),
        "reference": str(attempt.key),
        "metadata": {
            "transaction_id": ask.transaction_id,
            "task_id": ask.task_id,
            "agent_id": ask.agent_id,
        },
    }
    try:
        order = await agent.order(params, str(attempt.key))
    except Declined as no:
        return _nothing(ask, f"the agent takes no such order: {no}")
    return VerificationStarted(
        transaction_id=ask.transaction_id,
        task_id=ask.task_id,
        agent_id=ask.agent_id,
        order_ref=order["id"],
    )


async def _collect(
    agent: Agent, ask: CollectVerification, attempt: Attempt
) -> Sequence[Message]:
    """Answer with the end of an order, and wait for it where there is none."""
    try:
        order = await agent.read(ask.order_ref)
    except Declined as no:
        return [_nothing(ask, f"the agent does not show the order: {no}", ask.order_ref)]
    if order.get("metadata", {}).get("task_id") != ask.task_id:
        return []  # a hint that leads to somebody else's order
    match order["status"]:
        case "completed":
            report = _report(order["report"])
        case "failed" | "cancelled":
            reason = str(order.get("reason") or order["status"])
            return [_nothing(ask, reason, ask.order_ref)]
        case underway:
            again = backoff(attempt.number, attempt.key, LOOKS_EVERY, LOOKS_AT_MOST_EVERY)
            raise Unfinished(f"the order {ask.order_ref} is {underway}", again)
    submitted = SubmitVerification(
        transaction_id=ask.transaction_id,
        task_id=ask.task_id,
        agent_id=ask.agent_id,
        order_ref=ask.order_ref,
        report=report,
    )
    return [submitted]


def _nothing(
    ask: OrderVerification | CollectVerification, reason: str, order_ref: str | None = None
) -> Message:
    return SubmitVerification(
        transaction_id=ask.transaction_id,
        task_id=ask.task_id,
        agent_id=ask.agent_id,
        order_ref=order_ref,
        reason=reason[:300],
    )


def _report(found: Object) -> VerificationReport:
    """Read a report as it is; whether it is of any use is judged afterwards."""
    return VerificationReport(
        report_hash=str(found.get("hash", "")),
        findings=tuple(
            Finding(name=str(name), value=str(value))
            for name, value in sorted(dict(found.get("findings", {})).items())
        ),
    )
