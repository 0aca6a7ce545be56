"""What interrupts an escrow, what a dispute shares out, and what is tried again."""

import pytest

from tests.escrow.story import (
    DELIVERED,
    DISPUTED,
    ID,
    NOW,
    PART,
    PRICE,
    REST,
    WON,
    charged_back,
    closed,
    refund,
    refunded,
    resolve,
    transfer,
    transfer_failed,
    transferred,
)
from toolkit.core.decider import Forget, Later
from toolkit.core.money import Money
from toolkit.escrow.decider import escrow
from toolkit.escrow.policy import RELEASE_RETRY, name_of
from toolkit.escrow.requests import SEND_AGAIN
from toolkit.messages import escrow as said
from toolkit.messages.escrow import Resolution


def resolved(how, part=None, dispute_id="D1"):
    return said.EscrowDisputeResolved(
        **ID, dispute_id=dispute_id, resolution=how, seller_amount=part
    )


def after(state, *messages):
    """Tell these one after another, and answer the last state and what followed last."""
    outcome = ()
    for message in messages:
        state, outcome = escrow.step(state, message, NOW)
    return state, outcome


@pytest.mark.parametrize(
    ("resolution", "part"), [(Resolution.RELEASE, None), (Resolution.SPLIT, PART)]
)
def test_a_resolved_dispute_whose_transfer_fails_is_tried_again(resolution, part):
    asked = resolve(resolution, part)
    _, outcome = after(DISPUTED, asked, transfer_failed(PRICE))
    again = transfer(part or PRICE)
    assert outcome == (Later(name=SEND_AGAIN, at=NOW + RELEASE_RETRY, command=again),)


def test_the_buyers_part_does_not_stop_the_sellers_from_being_sent_again():
    asked = resolve(Resolution.SPLIT, PART)
    _, outcome = after(DISPUTED, asked, transfer_failed(PART), refunded(REST))
    assert Forget(name=SEND_AGAIN) not in outcome
    _, outcome = after(DISPUTED, asked, transfer_failed(PART), transferred(PART))
    assert Forget(name=SEND_AGAIN) in outcome


def test_a_transfer_that_fails_after_the_buyer_has_won_is_not_tried_again():
    assert after(DISPUTED, resolve(Resolution.REFUND), transfer_failed())[1] == ()


def test_a_transfer_that_fails_while_disputed_is_not_tried_again():
    assert after(DISPUTED, transfer_failed())[1] == ()


def test_a_resolution_that_a_chargeback_interrupted_is_carried_out_when_it_is_won():
    asked = resolve(Resolution.SPLIT, PART)
    _, outcome = after(DISPUTED, asked, charged_back(), transfer_failed(PART), closed(WON))
    assert outcome == (
        resolved(Resolution.RESUME, dispute_id="dp_1"),
        transfer(PART),
        refund(REST, "D1", "dispute resolved: SPLIT"),
    )


def test_what_has_arrived_already_is_not_asked_for_again():
    asked = resolve(Resolution.SPLIT, PART)
    messages = (asked, charged_back(), transferred(PART), closed(WON))
    _, outcome = after(DISPUTED, *messages)
    assert outcome[1:] == (refund(REST, "D1", "dispute resolved: SPLIT"),)


def test_a_chargeback_that_is_told_twice_is_one():
    once, _ = after(DELIVERED, charged_back())
    assert after(once, charged_back()) == (once, ())


def test_a_transfer_that_is_told_twice_is_released_once():
    asked = resolve(Resolution.SPLIT, PART)
    once, _ = after(DISPUTED, asked, transferred(PART))
    assert after(once, transferred(PART)) == (once, ())


def test_what_a_dispute_no_longer_holds_is_not_refunded():
    asked = resolve(Resolution.SPLIT, PART)
    once, _ = after(DISPUTED, asked, transferred(PART))
    assert after(once, refunded(PRICE)) == (once, ())


def test_what_the_bank_sent_back_and_goes_back_again_is_counted_once():
    """Somebody gave back a part at the provider; payments tries it again by itself."""
    once, _ = after(DISPUTED, refunded(Money(60_00)))
    assert after(once, refunded(Money(60_00))) == (once, ())
    another, outcome = after(once, refunded(Money(60_00), refund_id="R2"))
    assert outcome
    assert another.left_minor == 130_00


@pytest.mark.parametrize(
    ("moved", "end"), [(refunded, "REFUNDED"), (transferred, "RELEASED")]
)
def test_what_moved_during_a_chargeback_has_ended_the_escrow_when_it_is_won(moved, end):
    state, _ = after(DELIVERED, charged_back(), moved())
    assert name_of(state) == end


def test_what_a_part_left_during_a_chargeback_waits_for_a_person_when_it_is_won():
    state, outcome = after(DELIVERED, charged_back(), refunded(PART), closed(WON))
    assert resolved(Resolution.RESUME, dispute_id="dp_1") in outcome
    assert name_of(state) == "DISPUTED"
    to_the_seller = resolve(Resolution.RELEASE, dispute_id=state.dispute_id)
    _, outcome = after(state, to_the_seller)
    assert outcome[1] == transfer(REST)
