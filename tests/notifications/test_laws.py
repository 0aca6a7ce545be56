"""Whatever comes again, each event is told each person once, and every version is there."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sims.world.faults import CALM, Faults
from tests.messages.examples import unhurried
from tests.notifications.office import ADA, BOB, CREATED, NOW, Office, delivered, wish
from toolkit.core.money import Money
from toolkit.messages.escrow import EscrowDelivered, EscrowFundsHeld, Rail
from toolkit.messages.notifications import (
    Audience,
    NotificationFailed,
    NotificationSent,
)
from toolkit.messages.payments import ChargebackOpened, PaymentFailed
from toolkit.notifications.audience import TOLD

HAPPENED = [
    delivered(CREATED, "created"),
    *(
        delivered(event, f"{type(event).__name__} {number}")
        for number in range(2)
        for event in (
            PaymentFailed(escrow_id="E1", payment_id="P1", rail=Rail.STRIPE, reason="no"),
            EscrowFundsHeld(escrow_id="E1", payment_id="P1", amount=Money(1), held_at=NOW),
            EscrowDelivered(escrow_id="E1", delivered_at=NOW, auto_release_at=NOW),
            ChargebackOpened(
                escrow_id="E1", payment_id="P1", dispute_ref="dp_1", amount=Money(1)
            ),
        )
    ),
]
TROUBLE = Faults(timed_out_after=0.2, failed_before=0.2, failed_after=0.2, call_lost=0.2)
# All that happened, in any order and any number of times, in batches, with kills between.
DELIVERIES = st.lists(st.lists(st.sampled_from(HAPPENED), max_size=6), max_size=8).map(
    lambda batches: [*batches, HAPPENED]
)
PAUSES_S = st.lists(st.integers(1, 400), min_size=9, max_size=9)


PARTIES = {Audience.BUYER: "ada", Audience.SELLER: "bob"}
WANTED = {
    (str(delivery.envelope.id), PARTIES[audience])
    for delivery in HAPPENED
    for audience in TOLD.get(type(delivery.envelope.message), ())
    if audience in PARTIES
}


@pytest.mark.slow
@settings(unhurried, max_examples=20)
@given(DELIVERIES, PAUSES_S, st.integers(0, 999))
def test_each_event_is_told_each_person_once(batches, pauses_s, seed):
    office = Office()
    office.discord.dice.seed = seed
    office.discord.dice.follow(TROUBLE)
    office.wishes(wish("ada", ADA), wish("bob", BOB))
    for batch, pause_s in zip(batches, pauses_s, strict=False):
        office.hears(*batch)
        office.passes(seconds=pause_s)
        office.tasks.kill()
        office.start()
    office.discord.dice.follow(CALM)
    office.passes(hours=4)

    told = Counter((s.cause, s.recipient_id) for s in office.said(NotificationSent))
    assert not office.said(NotificationFailed)
    assert told == dict.fromkeys(WANTED, 1)
    nonces = Counter(message.nonce for message in office.discord.sent())
    assert set(nonces.values()) == {1}
    assert len(nonces) == len(WANTED)
    for person_id in ("ada", "bob"):
        versions = [e.version for e in office.database.events if e.key == person_id]
        assert versions == list(range(1, len(versions) + 1))


def test_ids_of_a_person_and_an_escrow_may_meet():
    office = Office()
    office.wishes(wish("E1", ADA))
    office.hears(
        delivered(replace(CREATED, buyer_id="E1"), "created"),
        *(d for d in HAPPENED if isinstance(d.envelope.message, EscrowFundsHeld)),
    )
    office.passes(minutes=1)
    assert len(office.letters) == 2
    assert not office.database.dead_letters
