"""The books of a world, ours and the providers', as the laws of money read them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from sims.world.custodian.books import USDC_CONTRACT
from sims.world.custodian.records import State as Movement
from sims.world.custodian.records import Transaction
from sims.world.platform import Platform
from toolkit.core.message import Envelope
from toolkit.messages.custody import CaseKind, PaymentCaseOpened
from toolkit.payments.ledger import Line, journal

Accounts = Counter[tuple[str, str]]  # by account and currency
Turnover = Counter[tuple[str, str, str]]  # by direction, rail and currency


def told(platform: Platform) -> list[Envelope]:
    """Everything that payments has said."""
    return platform.databases["payments"].events


def lines(platform: Platform) -> Iterator[tuple[Envelope, Line]]:
    """Every line of our journal, with the event that it books."""
    for envelope in told(platform):
        for line in journal(envelope.message):
            yield envelope, line


def ours(platform: Platform) -> Accounts:
    """What our accounts come to."""
    found: Accounts = Counter()
    for _, line in lines(platform):
        found[line.account, str(line.currency)] += line.minor
    return found


def theirs(platform: Platform) -> Accounts:
    """What the providers say that they hold, under the names of our accounts."""
    found: Accounts = Counter()
    for booked in platform.stripe.books.transactions.rows:
        found["provider:STRIPE", booked.currency.upper()] += booked.net_minor
    usdc = usdc_id(platform)
    for row in on_chain(platform):
        if row.token_id == usdc:
            sign = 1 if row.is_inbound else -1
            found["provider:CUSTODIAN", "USDC"] += sign * row.base_units
    return found


def our_turnover(platform: Platform) -> Turnover:
    """What our books say went in and out of each provider's hands."""
    found: Turnover = Counter()
    for _, line in lines(platform):
        if line.account.startswith("provider:"):
            rail = line.account.removeprefix("provider:")
            _flow(found, line.minor, rail, str(line.currency))
    return found


def their_turnover(platform: Platform) -> Turnover:
    """What went in and out by the providers' own books; a fee goes out by itself."""
    found: Turnover = Counter()
    for booked in platform.stripe.books.transactions.rows:
        for minor in (booked.amount_minor, -booked.fee_minor):
            _flow(found, minor, "STRIPE", booked.currency.upper())
    usdc = usdc_id(platform)
    for row in on_chain(platform):
        if row.token_id == usdc:
            minor = row.base_units if row.is_inbound else -row.base_units
            _flow(found, minor, "CUSTODIAN", "USDC")
    return found


def _flow(found: Turnover, minor: int, rail: str, currency: str) -> None:
    if minor:
        found["into" if minor > 0 else "out of", rail, currency] += abs(minor)


def on_chain(platform: Platform) -> list[Transaction]:
    """Everything that moved at the custodian, and is final."""
    rows = platform.custodian.books.transactions
    return [row for row in rows if row.state is Movement.COMPLETE]


def usdc_id(platform: Platform) -> str:
    """The custodian's name for the token that is money."""
    id: str = platform.custodian.books.tokens.referring("contract", USDC_CONTRACT)[0].id
    return id


def wallet_name(platform: Platform, row: Transaction) -> str:
    """Whose wallet it is: each escrow has one, named after it."""
    name: str = platform.custodian.books.wallets.by_id[row.wallet_id].name
    return name


def cases(platform: Platform) -> dict[str, set[CaseKind]]:
    """The kinds of cases that each escrow has, which a person looks into."""
    kinds: dict[str, set[CaseKind]] = defaultdict(set)
    for envelope in told(platform):
        if isinstance(envelope.message, PaymentCaseOpened):
            kinds[envelope.key].add(envelope.message.kind)
    return kinds
