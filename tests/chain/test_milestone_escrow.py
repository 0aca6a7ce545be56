"""What the contract promises to each party, on the oldest EVM it is for and a new one."""

import pytest

from tests.chain.deals import (
    APPROVERS,
    ARBITER,
    BUYER,
    CLOSED,
    DAY_S,
    DISPUTED,
    GUARDIAN,
    KEYS,
    LOCK_S,
    LONGEST_LOCK_S,
    ONE,
    OPERATOR,
    PAYEES,
    SELLER,
    STRANGER,
    House,
)
from tests.chain.evm import Reverted

SMALL, LARGE = 0, 1  # of the deal's milestones: 400 and 5,000


@pytest.fixture(scope="module", params=["ParisVM", "PragueVM"])
def built(request):
    return House.built(request.param)


@pytest.fixture
def house(built):
    kept = built.evm.snapshot()
    yield built
    built.evm.put_back(kept)


def refuses(reason, call, *arguments, **sent):
    with pytest.raises(Reverted) as refused:
        call(*arguments, **sent)
    assert str(refused.value) == reason


def test_a_small_milestone_is_paid_when_its_payee_fetches_it(house):
    house.funded().release(SMALL)
    assert (house.claimable(SELLER), house.coin.balanceOf(SELLER)) == (400, 0)
    house.withdraw(SELLER)
    assert (house.claimable(SELLER), house.coin.balanceOf(SELLER)) == (0, 400)


def test_a_large_one_needs_its_approvals_and_then_its_time(house):
    house.funded().approve(LARGE, 1)
    refuses("approvals", house.escrow.schedule, ONE, LARGE, sender=OPERATOR)
    refuses("approvals", house.release, LARGE)
    house.escrow.approve(ONE, LARGE, sender=APPROVERS[1])
    refuses("time lock", house.release, LARGE)
    house.escrow.schedule(ONE, LARGE, sender=OPERATOR)
    house.evm.now_s += LOCK_S - 1
    refuses("time lock", house.release, LARGE)
    house.evm.now_s += 1
    house.release(LARGE)
    assert house.claimable(SELLER) == 5_000


def test_the_last_milestone_closes_the_deal(house):
    house.funded(terms=((SELLER, 400), (PAYEES[1], 30))).release(0)
    house.release(1)
    assert (house.state(), house.held()) == (CLOSED, 0)
    refuses("nothing held", house.escrow.refund, ONE, sender=SELLER)


def test_a_signed_approval_counts_like_one_on_chain(house):
    house.funded()
    for key in KEYS[:2]:
        signature = house.signature(key, LARGE)
        house.escrow.approve_signed(ONE, LARGE, key.address, *signature, sender=STRANGER)
    assert house.escrow.approvals(ONE, LARGE) == 2


def test_nobody_approves_twice_on_whatever_way(house):
    house.funded().approve(LARGE, 1)
    refuses("approved already", house.escrow.approve, ONE, LARGE, sender=APPROVERS[0])
    signature = house.signature(KEYS[0], LARGE)
    again = (ONE, LARGE, APPROVERS[0], *signature)
    refuses("approved already", house.escrow.approve_signed, *again, sender=STRANGER)


@pytest.mark.parametrize(
    "other",
    [
        {"chainId": 1},
        {"verifyingContract": "0x" + "ab" * 20},
        {"name": "Another"},
        {"version": "2"},
    ],
)
def test_a_signature_for_another_chain_or_contract_is_nothing_here(house, other):
    house.funded()
    signature = house.signature(KEYS[0], LARGE, **other)
    given = (ONE, LARGE, APPROVERS[0], *signature)
    refuses("signature", house.escrow.approve_signed, *given, sender=STRANGER)


def test_a_signature_for_another_milestone_is_nothing_for_this_one(house):
    house.funded(terms=((SELLER, 5_000), (SELLER, 5_000)))
    signature = house.signature(KEYS[0], 0)
    given = (ONE, 1, APPROVERS[0], *signature)
    refuses("signature", house.escrow.approve_signed, *given, sender=STRANGER)


def test_the_other_half_of_a_signature_is_refused(house):
    """From one signature anybody makes a second one that is as good; only one counts."""
    house.funded()
    v, r, s = house.signature(KEYS[0], LARGE)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    given = (ONE, LARGE, APPROVERS[0], 55 - v, r, order - s)
    refuses("signature", house.escrow.approve_signed, *given, sender=STRANGER)


def test_after_the_deadline_anybody_sends_the_buyer_what_is_left(house):
    house.funded().release(SMALL)
    house.evm.now_s += 30 * DAY_S
    house.escrow.refund(ONE, sender=STRANGER)
    assert (house.claimable(BUYER), house.claimable(SELLER)) == (5_000, 400)


def test_before_the_deadline_only_the_seller_gives_it_back(house):
    house.funded()
    for who in (BUYER, OPERATOR, GUARDIAN, ARBITER, STRANGER):
        refuses("before the deadline", house.escrow.refund, ONE, sender=who)
    house.escrow.refund(ONE, sender=SELLER)
    assert house.claimable(BUYER) == 5_400


def test_a_pause_stops_what_goes_forward(house):
    house.funded().approve(LARGE)
    house.create(deal=b"\2" * 32)
    house.escrow.set_paused(True, sender=GUARDIAN)
    refuses("paused", house.create, deal=b"\3" * 32)
    refuses("paused", house.fund, b"\2" * 32)
    refuses("paused", house.escrow.approve, ONE, LARGE, sender=APPROVERS[2])
    refuses("paused", house.escrow.schedule, ONE, LARGE, sender=OPERATOR)
    refuses("paused", house.release, SMALL)
    house.escrow.set_paused(False, sender=GUARDIAN)
    house.release(SMALL)


def test_a_pause_stops_no_refund_no_dispute_and_no_withdrawal(house):
    house.funded().release(SMALL)
    house.funded(deal=b"\2" * 32)
    house.escrow.set_paused(True, sender=GUARDIAN)
    house.withdraw(SELLER)
    house.escrow.dispute(b"\2" * 32, sender=BUYER)
    house.escrow.resolve(b"\2" * 32, 5_400, sender=ARBITER)
    house.withdraw(SELLER)
    house.evm.now_s += 30 * DAY_S
    house.escrow.refund(ONE, sender=STRANGER)
    house.withdraw(BUYER)
    assert house.coin.balanceOf(SELLER) == 400 + 5_400
    assert house.coin.balanceOf(BUYER) == 5_000


def test_a_dispute_stops_a_scheduled_release_until_the_arbiter_has_decided(house):
    house.funded().approve(LARGE)
    house.escrow.schedule(ONE, LARGE, sender=OPERATOR)
    house.escrow.dispute(ONE, sender=BUYER)
    house.evm.now_s += LOCK_S
    refuses("not funded", house.release, LARGE)
    refuses("not the arbiter", house.escrow.resolve, ONE, 0, sender=SELLER)
    refuses("more than is held", house.escrow.resolve, ONE, 5_401, sender=ARBITER)
    house.escrow.resolve(ONE, 1_000, sender=ARBITER)
    assert (house.claimable(SELLER), house.claimable(BUYER)) == (1_000, 4_400)
    assert house.state() == CLOSED


def test_an_arbiter_who_never_decides_does_not_keep_the_money_for_ever(house):
    house.funded()
    house.escrow.dispute(ONE, sender=SELLER)
    house.evm.now_s += 30 * DAY_S + LONGEST_LOCK_S - 1
    refuses("in dispute", house.escrow.refund, ONE, sender=BUYER)
    house.evm.now_s += 1
    house.escrow.refund(ONE, sender=BUYER)
    assert house.claimable(BUYER) == 5_400


def test_the_money_of_a_blacklisted_payee_waits_and_goes_where_they_say(house):
    house.funded(terms=((SELLER, 400), (PAYEES[1], 30))).release(0)
    house.release(1)
    house.coin.blacklist(SELLER, True)
    refuses("blacklisted", house.withdraw, SELLER)
    assert house.claimable(SELLER) == 400
    house.withdraw(PAYEES[1])  # nobody else waits with them
    refuses("nothing to claim", house.escrow.withdraw_to, house.coin.address, STRANGER)
    house.escrow.withdraw_to(house.coin.address, PAYEES[2], sender=SELLER)
    assert house.coin.balanceOf(PAYEES[2]) == 400


def test_anybody_may_send_a_payee_their_own(house):
    house.funded().release(SMALL)
    house.escrow.withdraw_for(house.coin.address, SELLER, sender=STRANGER)
    assert house.coin.balanceOf(SELLER) == 400


def test_a_hostile_token_gets_nothing_by_coming_back_in_the_middle(house):
    """It calls withdraw, withdraw_for and fund from within the very transfer."""
    house.funded().release(SMALL)
    house.create(deal=b"\2" * 32)
    house.coin.come_back(house.escrow.address, b"\2" * 32)
    house.withdraw(SELLER)
    assert (house.coin.tries(), house.coin.successes()) == (3, 0)
    assert house.coin.balanceOf(SELLER) == 400
    assert house.coin.balanceOf(house.escrow.address) == 5_000


def test_a_token_that_brings_less_than_it_says_funds_nothing(house):
    house.create()
    house.coin.take(1)
    refuses("short", house.fund)


@pytest.mark.parametrize("call", ["create", "schedule", "release"])
def test_only_the_operator_brings_a_deal_on(house, call):
    house.funded().approve(LARGE)
    calls = {
        "create": lambda: house.create(deal=b"\2" * 32, sender=STRANGER),
        "schedule": lambda: house.escrow.schedule(ONE, LARGE, sender=STRANGER),
        "release": lambda: house.escrow.release(ONE, SMALL, sender=STRANGER),
    }
    refuses("not the operator", calls[call])


def test_nobody_else_pauses_approves_or_disputes(house):
    house.funded()
    refuses("not the guardian", house.escrow.set_paused, True, sender=OPERATOR)
    refuses("not an approver", house.escrow.approve, ONE, LARGE, sender=OPERATOR)
    refuses("not a party", house.escrow.dispute, ONE, sender=OPERATOR)


def test_a_deal_is_created_funded_released_and_scheduled_once(house):
    house.funded().release(SMALL)
    refuses("known already", house.create)
    refuses("not open", house.fund)
    refuses("released already", house.release, SMALL)
    house.approve(LARGE)
    house.escrow.schedule(ONE, LARGE, sender=OPERATOR)
    refuses("scheduled already", house.escrow.schedule, ONE, LARGE, sender=OPERATOR)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"terms": ()}, "no milestones"),
        ({"terms": ((SELLER, 0),)}, "amount"),
        ({"terms": (("0x" + "00" * 20, 1),)}, "payee"),
        ({"days": 0}, "deadline"),
    ],
)
def test_terms_that_make_no_sense_are_refused(house, wrong, reason):
    refuses(reason, house.create, **wrong)


def test_terms_that_overflow_are_refused(house):
    with pytest.raises(Reverted):
        house.create(terms=((SELLER, 2**256 - 1), (SELLER, 1)))


def test_a_disputed_deal_says_so(house):
    house.funded()
    house.escrow.dispute(ONE, sender=ARBITER)
    assert house.state() == DISPUTED
