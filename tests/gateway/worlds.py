"""A gateway over memory: a broker that remembers, one escrow of Ada and Bob, and tokens."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from tests.audit.logbook import SIGNER, Logbook, event
from tests.gateway.custodian_signer import Lookup
from tests.gateway.letter_signer import MAIL_KEY, MAKER, PUBLIC_URL, TWILIO_TOKEN
from tests.projections.histories import CREATE, DELIVER, INTENT, PAID, history
from toolkit.audit.proof import verify
from toolkit.core.approval import Proposal
from toolkit.core.details import Detail, MemoryDetails
from toolkit.core.errors import Unavailable
from toolkit.core.message import derived, first
from toolkit.core.ports import Versioned
from toolkit.gateway.application import create
from toolkit.gateway.idempotency import MemoryKeys
from toolkit.gateway.lookups import PublicKeys
from toolkit.gateway.proposals import Approval, MemoryProposals
from toolkit.gateway.signers import Signers
from toolkit.gateway.tokens import Tokens, read_keys
from toolkit.infra.memory import MemoryDatabase
from toolkit.messages.escrow import CancelEscrow, CancelReason, CreateEscrow
from toolkit.messages.notifications import Channel, Preference, Signing
from toolkit.notifications.preferences import PreferenceDesk
from toolkit.notifications.state import Subject
from toolkit.projections.evolve import folded
from toolkit.projections.queries import MemoryQueries
from toolkit.projections.service import HEARD
from toolkit.runtime.intake import intake

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
ISSUER, AUDIENCE = "https://identity.example", "escrow-api"
SECRETS = ("whsec_new", "whsec_old")


@cache
def signer(kid):  # noqa: ARG001 - the cache keeps them apart
    """A private key; the same for a kid as long as the run lasts."""
    return ec.generate_private_key(ec.SECP256R1())


def public_set(*kids):
    algorithm = jwt.algorithms.ECAlgorithm
    return {
        "keys": [
            {
                **algorithm.to_jwk(signer(kid).public_key(), as_dict=True),
                "kid": kid,
                "alg": "ES256",
                "use": "sig",
            }
            for kid in kids
        ]
    }


KEYS = read_keys(public_set("k1", "k2"))


def claims(subject, *roles, **other):
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "roles": list(roles),
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=5)).timestamp()),
        **other,
    }


PROPOSED = Approval(
    proposal=Proposal(proposed_by="grace", proposed_at=NOW - timedelta(hours=1)),
    reason="nobody answers",
    command=CancelEscrow(escrow_id="E1", actor_id="grace", reason=CancelReason.ADMIN),
)


WITH_ENDPOINT = Subject(
    preferences=(
        Preference(
            channel=Channel.WEBHOOK,
            address="https://example.org/hooks",
            signing=Signing(serial=1),
        ),
    )
)


def token(subject, *roles, kid="k1", headers=None, **other):
    header = {"typ": "at+jwt", "kid": kid, **(headers or {})}
    payload = json.dumps(claims(subject, *roles, **other)).encode()
    return jwt.PyJWS().encode(payload, signer(kid), algorithm="ES256", headers=header)


@cache
def bearer(subject, *roles):
    return {"Authorization": f"Bearer {token(subject, *roles)}"}


ADA, BOB = bearer("ada", "buyer"), bearer("bob", "seller")
EVE, MALLORY = bearer("eve", "buyer"), bearer("mallory", "seller")
ADMIN, MARKET = bearer("root", "admin"), bearer("market", "contracts")


@dataclass
class HandClock:
    at: datetime = NOW

    def now(self):
        return self.at


@dataclass
class Broker:
    """Confirms what it is given, unless told otherwise; slow enough for twins to meet."""

    said: list = field(default_factory=list)
    confirms: bool = True
    is_down: bool = False

    async def publish(self, postings):
        await asyncio.sleep(0)
        if self.is_down:
            raise Unavailable("no broker")
        if not self.confirms:
            return set()
        self.said += postings
        return {posting.seq for posting in postings}

    @property
    def commands(self):
        return [posting.cargo.message for posting in self.said]


@dataclass
class House:
    """Everything behind the gateway, and the gateway."""

    clock: HandClock = field(default_factory=HandClock)
    broker: Broker = field(default_factory=Broker)
    approvals: MemoryDatabase = field(default_factory=lambda: MemoryDatabase(Tasks()))
    keys: object = field(default_factory=MemoryKeys)
    news: MemoryDatabase = field(default_factory=lambda: MemoryDatabase(Tasks()))
    people: MemoryDatabase = field(default_factory=lambda: MemoryDatabase(Tasks()))
    views: dict = field(default_factory=dict)
    checks: dict = field(default_factory=dict)
    body_bytes_max: int = 4_096
    lookup: Lookup = field(default_factory=Lookup)
    details: MemoryDetails = field(init=False)

    def __post_init__(self):
        self.views.update(views_of(history((CREATE, INTENT, PAID, DELIVER))))
        other = CreateEscrow(
            escrow_id="E2",
            contract_id="C2",
            buyer_id="eve",
            seller_id="mallory",
            amount=CREATE.amount,
        )
        self.views.update(views_of(history((other,))))
        self.people.states["hal"] = Versioned(WITH_ENDPOINT, 1)
        self.approvals.states["A1"] = Versioned(PROPOSED, 1)
        self.details = MemoryDetails(self.clock)
        self.details.people["ada"] = {
            "name": Detail(value="Ada", changed_at=NOW),
            "account_number": Detail(value="9876543210", changed_at=NOW),
        }
        self.app = create(
            queries=MemoryQueries(self.views),
            producer=self.broker,
            intake=intake(self.news, self.clock),
            preferences=PreferenceDesk(self.people, self.clock, MAKER),
            keys=self.keys,
            approvals=self.approvals,
            proposals=MemoryProposals(self.approvals.states),
            clock=self.clock,
            tokens=Tokens(ISSUER, AUDIENCE, KEYS, self.clock),
            webhook_secrets=SECRETS,
            custodian_keys=PublicKeys(self.lookup, self.clock),
            details=self.details,
            trails=MemoryTrails(filled_trail()),
            signers=Signers((MAIL_KEY.public_key(),), TWILIO_TOKEN, PUBLIC_URL),
            checks=self.checks,
            body_bytes_max=self.body_bytes_max,
        )

    def client(self):
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://gateway")

    async def ask(self, method, path, who=None, key=None, body=None, **other):
        headers = {**(who or {}), **other.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            other["content"] = body if isinstance(body, bytes) else json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        async with self.client() as client:
            return await client.request(method, path, headers=headers, **other)


@dataclass
class MemoryTrails:
    """The audit trails of E1 and E2, out of a log in memory."""

    book: object

    async def page(self, stream_id, *, limit, after, kinds, actor_id, from_at, until_at):
        trail = self.book.trails.get(stream_id)
        if trail is None:
            return None
        wanted = [
            e
            for e in trail.entries
            if (after is None or e.position > after)
            and (not kinds or e.kind in kinds)
            and actor_id in (None, e.actor_id)
            and (from_at is None or datetime.fromisoformat(e.occurred_at) >= from_at)
            and (until_at is None or datetime.fromisoformat(e.occurred_at) < until_at)
        ]
        shown = [
            {
                **{n: getattr(e, n) for n in ("position", "event_id", "topic", "kind")},
                "occurred_at": e.occurred_at,
                "actor_id": e.actor_id,
                "hash": e.leaf_hash,
                "leaf_index": e.position,
            }
            for e in wanted[:limit]
        ]
        more = shown[-1]["position"] if len(wanted) > limit else None
        return {"stream_id": stream_id, "entries": shown, "next": more}

    async def event(self, leaf_hash):
        document = self.book.document("E1", is_whole=False)
        one = [e for e in document["entries"] if e["leaf_hash"] == leaf_hash]
        return document | {"entries": one} if one else None

    async def verify(self, leaf_hash):
        document = await self.event(leaf_hash)
        if document is None:
            return None
        found = verify(document, SIGNER.verifier)
        told = {"problems": found.problems, "open": found.doubts, "erased": found.erased}
        return {"holds": found.holds, **told}


@cache
def filled_trail():
    book = Logbook()
    for escrow_id in ("E1", "E2"):
        for number in range(5):
            book.hear(event(escrow_id, number))
    book.seal()
    return book


def hash_of_event(number):
    return filled_trail().trails["E1"].entries[number].leaf_hash


class Tasks:
    def signal(self):
        return Signal()


class Signal:
    def ring(self):
        pass


def views_of(said):
    told = [*said.escrow, *said.payments]
    return folded([first(e, derived(str(i)), at) for i, (e, at) in enumerate(told)], HEARD)
