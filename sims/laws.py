"""What must be true of every history that came to rest; a broken law is a sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from sims.world.custodian.books import USDC_CONTRACT
from sims.world.custodian.records import State as Movement
from sims.world.custodian.records import Transaction
from sims.world.platform import Platform
from sims.world.stripe.books import Books
from sims.world.wallets import SANCTIONED
from toolkit.core.message import Envelope
from toolkit.escrow.policy import COMPLIANCE, TIMER, layers, name_of
from toolkit.escrow.state import Absent, Cancelled, Refunded, Released
from toolkit.messages.custody import CaseKind, PaymentCaseOpened
from toolkit.messages.escrow import EscrowFundsHeld, EscrowRefusedCommand
from toolkit.messages.notifications import NotificationFailed, NotificationSent
from toolkit.payments.cases import case_of
from toolkit.payments.custodian_facts import Purpose
from toolkit.payments.ledger import FEES, journal
from toolkit.payments.state import Progress

TIMERS_RACE_FOR = timedelta(hours=1)


def broken(platform: Platform) -> list[str]:
    """Check every law, and say which are broken and by what."""
    return [
        *escrows_end(platform),
        *books_balance(platform),
        *nothing_is_held_at_the_end(platform),
        *what_is_frozen_stays(platform),
        *other_tokens_go_back(platform),
        *the_providers_agree(platform),
        *one_payout_per_escrow(platform),
        *nothing_waits(platform),
        *versions_are_contiguous(platform),
        *views_agree(platform),
        *nothing_is_said_twice(platform),
        *forgotten_timers_are_silent(platform),
        *each_is_told_once(platform),
        *nobody_is_forgotten(platform),
    ]


def escrows_end(platform: Platform) -> Iterator[str]:
    for escrow_id, (state, _) in platform.databases["escrow"].states.items():
        is_frozen = any(each.raised_by == COMPLIANCE for each in layers(state))
        if not is_frozen and not isinstance(
            state, Released | Refunded | Cancelled | Absent
        ):
            yield f"escrow {escrow_id} never ended: {type(state).__name__}"


def books_balance(platform: Platform) -> Iterator[str]:
    """I1: each journal transaction sums to zero in its currency."""
    for envelope in _payments(platform):
        sums: Counter[str] = Counter()
        for line in journal(envelope.message):
            sums[line.currency] += line.minor
        if any(sums.values()):
            yield f"the journal of {envelope.type} {envelope.id} sums to {dict(sums)}"


def nothing_is_held_at_the_end(platform: Platform) -> Iterator[str]:
    """I2, I4: what came in for an escrow went out or is frozen, and never more than that.

    What is left over or was overdrawn has a case, and a person who looks into it.
    """
    balances: Counter[str] = Counter()
    cases = _cases(platform)
    for envelope in _payments(platform):
        recovers = CaseKind.RECOVERY in cases[envelope.key]
        for line in journal(envelope.message):
            if line.account.startswith("escrow:"):
                balances[line.account] += line.minor
                if balances[line.account] > 0 and not recovers:
                    yield f"{line.account} paid out {balances[line.account]} too much"
    for account, minor in balances.items():
        kinds = cases[account.removeprefix("escrow:")]
        if minor < 0 and not kinds & {CaseKind.REFUND_PARKED, CaseKind.PAYEE_PARKED}:
            yield f"{account} still holds {-minor}"
        if minor > 0 and CaseKind.RECOVERY not in kinds:
            yield f"{account} lacks {minor}"


def what_is_frozen_stays(platform: Platform) -> Iterator[str]:
    """Money of a sanctioned wallet is where it was, and nothing was sent to one."""
    frozen: Counter[str] = Counter()
    for envelope in _payments(platform):
        for line in journal(envelope.message):
            if line.account.startswith("frozen:"):
                frozen[envelope.key] -= line.minor
                if line.minor > 0:
                    yield f"{line.account} paid out {line.minor}"
    held: Counter[str] = Counter()
    for row in _on_chain(platform):
        wallet = platform.custodian.books.wallets.by_id[row.wallet_id]
        if row.token_id == _usdc(platform):
            held[wallet.name] += row.base_units if row.is_inbound else -row.base_units
        if not row.is_inbound and row.destination.endswith(SANCTIONED):
            yield f"{row.base_units} went to the sanctioned {row.destination}"
    for escrow_id, minor in frozen.items():
        if held[escrow_id] < minor:
            yield f"{minor} of {escrow_id} are frozen, and {held[escrow_id]} are there"


def other_tokens_go_back(platform: Platform) -> Iterator[str]:
    """What is no money of ours is with its sender again, is frozen, or has a case."""
    for payment, _ in platform.databases["payments"].states.values():
        for deposit in getattr(payment, "deposits", ()):
            parked = case_of(CaseKind.DEPOSIT_PARKED, deposit.provider_ref)
            is_over = deposit.progress in (Progress.SUCCEEDED, Progress.FROZEN)
            if not is_over and parked not in payment.cases:
                yield f"{deposit.provider_ref} of {deposit.sender} is {deposit.progress}"


def the_providers_agree(platform: Platform) -> Iterator[str]:
    """I2: our account of what a provider holds is the provider's own."""
    ours: Counter[str] = Counter()
    fees = 0
    for envelope in _payments(platform):
        for line in journal(envelope.message):
            ours[line.account] += line.minor
        fees += getattr(getattr(envelope.message, "fee", None), "minor", 0)
    chain = sum(
        row.base_units if row.is_inbound else -row.base_units
        for row in _on_chain(platform)
        if row.token_id == _usdc(platform)
    )
    theirs = {"STRIPE": sum(_net(platform.stripe.books)), "CUSTODIAN": chain}
    for rail, minor in theirs.items():
        if ours[f"provider:{rail}"] != minor:
            yield f"we say {rail} holds {ours[f'provider:{rail}']}, they say {minor}"
    if fees != ours[FEES]:
        yield f"fees of {fees} were charged and {ours[FEES]} booked"


def one_payout_per_escrow(platform: Platform) -> Iterator[str]:
    """I7: asked of the provider's own books."""
    sent: Counter[str] = Counter()
    for transfer in platform.stripe.books.transfers.rows:
        sent[transfer.metadata.get("escrow_id", "nobody")] += 1
    for row in _on_chain(platform):
        if row.ref_id.startswith(f"{Purpose.TRANSFER}:"):
            sent[platform.custodian.books.wallets.by_id[row.wallet_id].name] += 1
    for escrow_id, count in sent.items():
        if count > 1:
            yield f"escrow {escrow_id} was paid out {count} times"


def nothing_waits(platform: Platform) -> Iterator[str]:
    """I6, I12: at rest there is nothing to say, to do, or to look into."""
    for name, database in platform.databases.items():
        if database.outbox:
            yield f"{name} has {len(database.outbox)} messages in its outbox"
        for letter in database.dead_letters:
            yield f"{name} buried {letter.key}: {letter.error}"
        for entry in database.agenda.values():
            yield f"{name} still means to {entry.envelope.type} at {entry.due_at}"


def versions_are_contiguous(platform: Platform) -> Iterator[str]:
    """I8, I10: an aggregate's events are numbered without a gap, and on the broker too."""
    for name in ("intake", "escrow", "payments", "notifications"):
        versions: dict[str, list[int | None]] = defaultdict(list)
        for envelope in platform.databases[name].events:
            versions[envelope.key].append(envelope.version)
        for key, found in versions.items():
            if found != list(range(1, len(found) + 1)):
                yield f"{name} {key} has versions {found}"
        said = {e.id for log in platform.broker.logs.values() for e in log}
        for envelope in platform.databases[name].events:
            if envelope.id not in said:
                yield f"{envelope.type} {envelope.id} never reached the broker"


def views_agree(platform: Platform) -> Iterator[str]:
    """I3: what people are shown is what the escrow is."""
    for escrow_id, (state, _) in platform.databases["escrow"].states.items():
        view = platform.view(escrow_id)
        shown = view.state.value if view else "ABSENT"
        if shown != name_of(state):
            yield f"escrow {escrow_id} is {name_of(state)} and shown as {shown}"


def nothing_is_said_twice(platform: Platform) -> Iterator[str]:
    """I5: whatever is delivered again, an event is an event once."""
    for name, database in platform.databases.items():
        said = Counter(envelope.id for envelope in database.events)
        for envelope in database.events:
            if said[envelope.id] > 1:
                yield f"{name} said {envelope.type} {envelope.id} {said[envelope.id]} times"


def forgotten_timers_are_silent(platform: Platform) -> Iterator[str]:
    """A timer is refused only if it spoke while what makes it needless was under way."""
    latest: dict[str, datetime] = {}
    for envelope in platform.databases["escrow"].events:
        match envelope.message:
            case EscrowRefusedCommand(actor_id=actor, command=command) if actor == TIMER:
                needless_since = latest.get(envelope.key, envelope.occurred_at)
                if envelope.occurred_at - needless_since > TIMERS_RACE_FOR:
                    yield f"a forgotten timer asked escrow {envelope.key} to {command}"
            case _:
                latest[envelope.key] = envelope.occurred_at


def each_is_told_once(platform: Platform) -> Iterator[str]:
    """A message is there once, says the provider, and its outcome is told once."""
    sent = Counter(m.content.splitlines()[-1] for m in platform.discord.sent())
    for reference, count in sent.items():
        if count > 1:
            yield f"the message {reference} was sent {count} times"
    outcomes = _outcomes(platform)
    told = Counter((o.cause, o.recipient_id, o.channel) for o in outcomes)
    for (cause, recipient_id, channel), count in told.items():
        if count > 1:
            yield f"{recipient_id} was told of {cause} on {channel} {count} times"
    delivered = sum(isinstance(o, NotificationSent) for o in outcomes)
    if delivered != len(sent):
        yield f"we say {delivered} messages were delivered, Discord has {len(sent)}"


def nobody_is_forgotten(platform: Platform) -> Iterator[str]:
    """Whoever is on Discord is told that money is held, or cannot be reached."""
    told = {(o.cause, o.recipient_id) for o in _outcomes(platform)}
    known = platform.databases["notifications"].states
    for envelope in platform.databases["escrow"].events:
        if not isinstance(envelope.message, EscrowFundsHeld):
            continue
        parties = known[envelope.key].state.parties
        for person_id in (parties.buyer_id, parties.seller_id):
            wishes = known[person_id].state.preferences if person_id in known else ()
            is_reached = any(wish.problem is None for wish in wishes)
            if is_reached and (str(envelope.id), person_id) not in told:
                yield f"{person_id} never heard that {envelope.key} is held"


def _outcomes(platform: Platform) -> list[NotificationSent | NotificationFailed]:
    return [
        envelope.message
        for envelope in platform.databases["notifications"].events
        if isinstance(envelope.message, NotificationSent | NotificationFailed)
    ]


def _cases(platform: Platform) -> dict[str, set[CaseKind]]:
    """The kinds of cases that each escrow has."""
    kinds: dict[str, set[CaseKind]] = defaultdict(set)
    for envelope in _payments(platform):
        if isinstance(envelope.message, PaymentCaseOpened):
            kinds[envelope.key].add(envelope.message.kind)
    return kinds


def _on_chain(platform: Platform) -> list[Transaction]:
    """Everything that moved at the custodian, and is final."""
    rows = platform.custodian.books.transactions
    return [row for row in rows if row.state is Movement.COMPLETE]


def _usdc(platform: Platform) -> str:
    books = platform.custodian.books
    id: str = books.tokens.referring("contract", USDC_CONTRACT)[0].id
    return id


def _payments(platform: Platform) -> list[Envelope]:
    return platform.databases["payments"].events


def _net(books: Books) -> Iterator[int]:
    for booked in books.transactions.rows:
        yield booked.net_minor
