"""What must be true of every history of closings, while it runs and when it rests.

Each law has a number and a sentence; a broken one is a sentence with the names in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sims.closings.house import House
from sims.world.agentic.books import Entry, Status
from toolkit.closing.decider import closing
from toolkit.closing.ledger import PROVIDER, journal
from toolkit.closing.policy import ESCALATIONS_MAX, name_of
from toolkit.closing.state import SettlementStatus, Stage, Transaction
from toolkit.core.message import derived
from toolkit.infra.memory import MemoryTransaction
from toolkit.messages.closing import (
    SettlementExecuted,
    VerificationCompleted,
)
from toolkit.messages.wallets import (
    MilestoneReleased,
    ReleaseMilestone,
    ReturnFunds,
    SettlementRequested,
    SettleWallet,
)

Complaints = Iterator[str]
SHOWN_MAX = 100
LAWS: Mapping[str, str] = {
    "C1": "what our books say a wallet holds is what the provider holds in it",
    "C2": "the fee of a verification is paid once, and only for a report",
    "C3": "a settlement pays out all that is held: receipts equal disbursements",
    "C4": "nothing is settled before every verification is completed",
    "C5": "a closing is the fold of its events",
    "C6": "at last every closing ends, and nothing is left undone",
    "C7": "no fee and no settlement leaves in a dispute or while the wallet is paused",
    "C8": "an intent has at most one payment at the provider that stands",
    "C9": "whoever works on something has a deadline that somebody watches",
    "C10": "what is over leaves no cent behind",
}
WORKS = (Stage.VERIFYING, Stage.DISPUTED)


def watch(house: House) -> None:
    """Look at every commit of this house from now on."""
    completed: Counter[str] = Counter()

    def look(transaction: MemoryTransaction) -> None:
        for sentence in _committed(house, transaction, completed):
            if len(house.violations) < SHOWN_MAX:
                house.violations.append(f"{sentence}, at {house.clock.now()}")

    house.databases["closing"].watchers.append(look)


def broken(house: House) -> list[str]:
    """Say which laws are broken and by what, while it ran and now that it rests."""
    found = list(house.violations)
    for number, look in AT_REST.items():
        found += [f"{number}: {sentence}" for sentence in look(house)]
    return found


def _committed(
    house: House, transaction: MemoryTransaction, completed: Counter[str]
) -> Complaints:
    for effects in transaction.writes:
        for event in effects.events:
            sums = sum(line.minor for line in journal(event.message))
            if sums:
                yield f"C1: the journal of {event.type} {event.id} sums to {sums}"
            if isinstance(event.message, VerificationCompleted):
                completed[event.key] += 1
            if isinstance(event.message, SettlementRequested):
                yield from _settles(effects.states[event.key].state, event.key, completed)
        for entry in effects.agenda:
            leaving = entry.envelope.message
            if isinstance(leaving, ReleaseMilestone | SettleWallet):
                state = effects.states[entry.envelope.key].state
                if state.is_paused or state.stage is Stage.DISPUTED:
                    yield f"C7: {type(leaving).__name__} of {entry.envelope.key}"
        for key, (state, _) in effects.states.items():
            if isinstance(state, Transaction) and state.stage in WORKS:
                yield from _is_watched(house, key, state)


def _settles(state: Transaction, key: str, completed: Counter[str]) -> Complaints:
    if completed[key] != len(state.tasks):
        yield f"C4: {key} settles with {completed[key]} of {len(state.tasks)} reports"


def _is_watched(house: House, key: str, state: Transaction) -> Complaints:
    agenda = house.databases["closing"].agenda
    for task in state.tasks:
        timer = derived("closing", key, f"deadline {task.type}")
        is_watched = timer in agenda or task.escalations >= ESCALATIONS_MAX
        if task.is_open and not is_watched:
            yield f"C9: nobody watches the {task.type} of {key}"


def _conserved(house: House) -> Complaints:
    held: Counter[str] = Counter()
    for event in house.databases["closing"].events:
        for line in journal(event.message):
            if line.account == PROVIDER:
                held[event.key] += line.minor
    for key, state in _closings(house):
        if state.wallet_ref is None:
            continue
        theirs = house.wallets.books.wallet(state.terms.wallet_id).available_minor
        if not held[key] == state.held_minor == theirs:
            yield f"{key}: books {held[key]}, state {state.held_minor}, wallet {theirs}"


def _fees(house: House) -> Complaints:
    released = Counter(
        event.message.task_id
        for event in house.databases["closing"].events
        if isinstance(event.message, MilestoneReleased)
    )
    paid: Counter[str] = Counter()
    for entry in _sent(house, "milestone"):
        paid[str(entry.milestone)] += 1
    reported = {
        event.message.task_id
        for event in house.databases["closing"].events
        if isinstance(event.message, VerificationCompleted)
    }
    for task_id in released.keys() | paid.keys():
        if (released[task_id], paid[task_id]) != (1, 1):
            yield f"{task_id}: told {released[task_id]} times, paid {paid[task_id]} times"
        if task_id not in reported:
            yield f"{task_id} was paid for nothing"


def _settlements(house: House) -> Complaints:
    executed: dict[str, int] = defaultdict(int)
    for event in house.databases["closing"].events:
        if isinstance(event.message, SettlementExecuted):
            executed[event.key] += sum(
                each.amount.minor for each in event.message.distributions
            )
    for key, state in _closings(house):
        left = state.deposited_minor - state.held_minor
        out = executed[key] + sum(
            p.amount.minor for p in state.payments if p.status == "PAID"
        )
        if left != out:
            yield f"{key}: {left} have left and {out} are told"
        settled = state.settlement
        is_settled = settled and settled.status is SettlementStatus.EXECUTED
        if is_settled != (state.stage is Stage.SETTLED) and (
            is_settled or state.stage is Stage.SETTLED
        ):
            yield f"{key} is {state.stage}, and its settlement {settled}"


def _folds(house: House) -> Complaints:
    database = house.databases["closing"]
    states: dict[str, Any] = {}
    for event in database.events:
        before = states.get(event.key, closing.initial)
        states[event.key] = closing.evolve(before, event.message)
    for key, (state, _) in database.states.items():
        if state is not None and state != states.get(key, closing.initial):
            yield f"{key} is not what its events make of it"


def _ends(house: House) -> Complaints:
    if house.recovery is not None and not house.recovery.is_in_time:
        yield f"healed at {house.recovery.healed_at}, it {house.recovery}"
    for key, state in _closings(house):
        if state.stage not in (Stage.SETTLED, Stage.CANCELLED):
            yield f"{key} never ended: {name_of(state)}"
    for name, database in house.databases.items():
        if database.outbox:
            yield f"{name} has {len(database.outbox)} messages in its outbox"
        for entry in database.agenda.values():
            yield f"{name} still means to {entry.envelope.type} at {entry.due_at}"
        for letter in database.dead_letters:
            yield f"{name} buried {letter.key}: {letter.error}"


def _once(house: House) -> Complaints:
    made = Counter(
        entry.reference
        for wallet in house.wallets.books.wallets.values()
        for entry in wallet.entries
        if entry.reference
    )
    for reference, count in made.items():
        if count > 1:
            yield f"{reference} was made {count} times"
    asked = Counter(
        str(e.envelope.message.payment_id)
        for e in house.databases["closing"].agenda.values()
        if isinstance(e.envelope.message, ReleaseMilestone | ReturnFunds)
    )
    for name, count in asked.items():
        if count > 1:
            yield f"{name} is asked for {count} times at once"


def _nothing_left(house: House) -> Complaints:
    for key, state in _closings(house):
        if state.stage in (Stage.SETTLED, Stage.CANCELLED) and state.held_minor:
            yield f"{key} is {state.stage} and still holds {state.held_minor}"


AT_REST: Mapping[str, Callable[[House], Complaints]] = {
    "C1": _conserved,
    "C2": _fees,
    "C3": _settlements,
    "C5": _folds,
    "C6": _ends,
    "C8": _once,
    "C10": _nothing_left,
}


def _closings(house: House) -> Iterator[tuple[str, Transaction]]:
    for key, (state, _) in house.databases["closing"].states.items():
        if isinstance(state, Transaction):
            yield key, state


def _sent(house: House, type: str) -> Iterator[Entry]:
    """Go through what the provider sent, and did not take back."""
    for wallet in house.wallets.books.wallets.values():
        for entry in wallet.entries:
            if entry.type == type and entry.status is Status.SUCCEEDED:
                yield entry
