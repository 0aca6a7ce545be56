"""The real platform as people meet it: the REST API, and where they pay."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import httpx

from sims.world.outside import deposit
from sims.world.people import Page, discord_id
from toolkit.core.message import Command, derived
from toolkit.core.money import Currency, Money
from toolkit.infra.clock import SystemClock
from toolkit.infra.issuer import Issuer
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.escrow import (
    CancelEscrow,
    MarkDelivered,
    RaiseDispute,
    ReleaseFunds,
    ResolveDispute,
)
from toolkit.projections.model import State

TRIES_MAX = 60  # a service that was killed is back long before
TRY_AGAIN_S = 0.5
BUSY = frozenset({409, 429, 500, 502, 503, 504})
TOKEN_FOR = timedelta(hours=24)
OPERATOR = ("arbiter", "admin")
SECOND = ("second-arbiter", "admin")
NEEDS_APPROVAL = "/problems/needs-approval"


class Refused(Exception):  # noqa: N818 - says what happened
    """The API said no to something that it should have taken; `kind` is its own word."""

    def __init__(self, path: str, answer: httpx.Response) -> None:
        super().__init__(f"{path}: {answer.status_code} {answer.text}")
        told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        self.kind = str(told.get("type", ""))


class NoAnswer(Exception):  # noqa: N818 - says what happened
    """The API was asked again and again, and answered nothing that could be used."""


@dataclass(slots=True)
class HttpHouse:
    """Calls the gateway as different people do, and tries again until it has answered."""

    clock: SystemClock
    issuer: Issuer
    gateway: httpx.AsyncClient
    provider: httpx.AsyncClient
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    introduced: set[str] = field(default_factory=set)
    tries_max: int = TRIES_MAX
    tried_again: int = 0

    async def tell(self, contract: ContractExecuted, random: Random) -> None:
        del random  # ids follow from the contract
        body = {
            "buyer_id": contract.buyer_id,
            "seller_id": contract.seller_id,
            "amount": _amount(contract.amount),
            "executed_at": contract.executed_at.isoformat(),
            "payee_account": contract.payee_account,
        }
        path = f"/api/contracts/{contract.contract_id}/executed"
        await self._post(path, body, "marketplace", "contracts", contract.contract_id)

    async def send(self, command: Command, random: Random) -> None:
        role, path, body = _request(command)
        key = str(derived("demo", path, str(random.getrandbits(64))))
        actor = str(getattr(command, "actor_id", ""))
        try:
            await self._post(path, body, actor, role, key)
        except Refused as refusal:
            if refusal.kind != NEEDS_APPROVAL or not isinstance(command, ResolveDispute):
                raise
            await self._agree(command, body, key)

    async def _agree(
        self, command: ResolveDispute, body: Mapping[str, Any], key: str
    ) -> None:
        """About much money two decide: one proposes, and another approves it."""
        action = {"do": "RESOLVE", "dispute_id": command.dispute_id, **body}
        proposal = {"reason": "both sides were heard", "action": action}
        actor, role = command.actor_id, OPERATOR[1]
        proposed = await self._post("/api/approvals", proposal, actor, role, key)
        at = str(proposed.json()["approve_at"])
        await self._post(at, None, *SECOND, key)

    async def pay(self, intent: str, method: str) -> bool:
        """Confirm at the provider, and answer whether the money may have gone."""
        try:
            answer = await self.provider.post(
                f"/v1/payment_intents/{intent}/confirm", data={"payment_method": method}
            )
        except httpx.TransportError:
            return True
        return answer.is_success or answer.status_code >= 500

    async def look(self, escrow_id: str) -> Page | None:
        headers = self._authorization(*OPERATOR)
        try:
            answer = await self.gateway.get(
                f"/api/projections/escrow/{escrow_id}", headers=headers
            )
        except httpx.TransportError:
            return None
        return _page(answer.json()) if answer.is_success else None

    async def introduce(self, person_id: str) -> None:
        address = discord_id(person_id)
        if address and person_id not in self.introduced:
            self.introduced.add(person_id)
            path = f"/api/people/{person_id}/preferences/DISCORD"
            body = {"address": address, "is_enabled": True}
            await self._ask("PUT", path, body, self._authorization(person_id, "buyer"))

    async def _post(
        self,
        path: str,
        body: Mapping[str, Any] | None,
        subject: str,
        role: str,
        key: str,
    ) -> httpx.Response:
        headers = {**self._authorization(subject, role), "Idempotency-Key": key}
        return await self._ask("POST", path, body, headers)

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> httpx.Response:
        """Ask until there is an answer; the key makes all tries one request."""
        for _ in range(self.tries_max):
            try:
                answer = await self.gateway.request(
                    method, path, json=body, headers=headers
                )
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.is_success:
                return answer
            if answer is not None and answer.status_code not in BUSY:
                raise Refused(path, answer)
            self.tried_again += 1
            await asyncio.sleep(TRY_AGAIN_S)
        raise NoAnswer(f"{path}: no answer in {self.tries_max} tries")

    def _authorization(self, subject: str, role: str) -> dict[str, str]:
        who = (subject, role)
        if who not in self.tokens:
            self.tokens[who] = self.issuer.token(subject, [role], TOKEN_FOR)
        return {"Authorization": f"Bearer {self.tokens[who]}"}


@dataclass(slots=True)
class HttpChain:
    """Where people send tokens: the sandbox that the platform's custodian watches."""

    custodian: httpx.AsyncClient

    async def send(
        self, sender: str, to: str, base_units: int, symbol: str = "USDC"
    ) -> None:
        await self._pull("deposits", deposit(sender, to, base_units, symbol))

    async def blacklist(self, wallet: str) -> None:
        await self._pull("blacklist", {"address": wallet})

    async def _pull(self, lever: str, asked: Mapping[str, object]) -> None:
        answer = await self.custodian.post(f"/_sandbox/{lever}", json=asked)
        answer.raise_for_status()


def _request(command: Command) -> tuple[str, str, dict[str, Any]]:
    """Say as whom, where and with what body a command is asked for."""
    match command:
        case MarkDelivered(escrow_id=id, evidence=evidence):
            return "seller", f"/api/escrow/{id}/mark-delivered", {"evidence": evidence}
        case ReleaseFunds(escrow_id=id):
            return "buyer", f"/api/escrow/{id}/release", {}
        case CancelEscrow(escrow_id=id):
            return "buyer", f"/api/escrow/{id}/cancel", {}
        case RaiseDispute(escrow_id=id, reason=reason):
            return "buyer", f"/api/escrow/{id}/dispute", {"reason": reason}
        case ResolveDispute(escrow_id=id, dispute_id=dispute_id):
            body: dict[str, Any] = {"escrow_id": id, "resolution": command.resolution.value}
            if command.seller_amount:
                body["seller_amount"] = _amount(command.seller_amount)
            return "admin", f"/api/disputes/{dispute_id}/resolve", body
        case unknown:
            raise AssertionError(f"nobody may ask for {unknown!r}")


def _page(shown: Mapping[str, Any]) -> Page:
    payment = shown.get("payment") or {}
    paid = payment.get("paid") or {}
    disputes = shown.get("disputes") or []
    due = shown["amount"]
    return Page(
        state=State(shown["state"]),
        provider_ref=payment.get("provider_ref"),
        held=Money(paid["minor"], Currency(paid["currency"]))
        if paid.get("minor")
        else None,
        dispute_id=disputes[-1]["dispute_id"] if disputes else None,
        disputed_by=disputes[-1]["raised_by"] if disputes else None,
        due=Money(due["minor"], Currency(due["currency"])),
    )


def _amount(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency.value}
