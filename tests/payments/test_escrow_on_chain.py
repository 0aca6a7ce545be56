"""Escrow and payments above the threshold: all money is paid out, returned or frozen."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.payments.test_escrow_and_payments import ENDED, ID, PAYMENT_ID, PEOPLE, House
from tests.payments.vault import (
    BLACKLISTED,
    CLEAN,
    LISTED,
    RISKY,
    RISKY_SELLER,
    SELLER,
    Vault,
)
from toolkit.core.money import Currency, Money
from toolkit.escrow.policy import COMPLIANCE, layers, transfer_of
from toolkit.escrow.state import Cancelled, Delivered, Disputed, Refunded, Released
from toolkit.messages.custody import CaseKind, ScreenWallet
from toolkit.messages.escrow import (
    CreateEscrow,
    Rail,
    RaiseDispute,
    Resolution,
    ResolveDispute,
)
from toolkit.messages.payments import ReverseTransfer
from toolkit.payments.cases import case_of

NAMES = {**ID, "payment_id": PAYMENT_ID}
PRICE = Money(10_000_01)
PAID = Money(10_000_010000, Currency.USDC)
AMOUNTS = (PAID, PAID, Money(1, Currency.USDC), Money(20_000_000000, Currency.USDC), None)
SENDERS = (CLEAN, CLEAN, CLEAN, RISKY, LISTED)
DISPUTE = RaiseDispute(**ID, dispute_id="D9", actor_id="ada", reason="broken")


@dataclass
class HouseOnChain(House):
    """The same house, with a custodian for a provider."""

    provider: Vault = field(default_factory=Vault)

    def step(self, kind, choice):
        if kind != "pay":
            super().step(kind, choice)
        elif self.states["payments"].intent_ref:
            sender = SENDERS[choice // len(AMOUNTS) % len(SENDERS)]
            amount = AMOUNTS[choice % len(AMOUNTS)]
            self.learn([self.provider.deposit(NAMES, amount, sender)])

    @property
    def is_frozen(self):
        top = self.states["escrow"]
        return any(each.raised_by == COMPLIANCE for each in layers(top))

    def settle(self):
        """Let everybody finish; a person ends what is disputed, whoever began it."""
        self.rest()
        for usual in (PEOPLE[0], DISPUTE, *[None] * 3):
            state = self.states["escrow"]
            if isinstance(state, ENDED) or self.is_frozen:
                return
            if isinstance(state, Disputed):
                self.say(resolved(state))
            elif usual is not None:
                self.say(usual)
            self.rest()


def resolved(state, how=Resolution.REFUND):
    return ResolveDispute(**ID, dispute_id=state.dispute_id, actor_id="eve", resolution=how)


KINDS = (
    *("deliver",) * 6,
    *("perform",) * 4,
    "decline",
    "wake",
    *("person",) * 2,
    *("pay",) * 2,
)
moves = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 24)), max_size=60)
payees = st.sampled_from((SELLER, SELLER, BLACKLISTED, RISKY_SELLER, LISTED))


def played(story, payee=SELLER):
    house = HouseOnChain()
    create = CreateEscrow(
        **ID,
        contract_id="C1",
        buyer_id="ada",
        seller_id="bob",
        amount=PRICE,
        payee_account=payee,
    )
    house.say(create)
    house.rest_once()
    for kind, choice in story:
        house.step(kind, choice)
    return house


@given(moves, payees)
def test_every_deposit_is_paid_out_returned_or_frozen_in_the_end(story, payee):
    house = played(story, payee)
    house.settle()
    assert isinstance(house.states["escrow"], ENDED) or house.is_frozen
    payment, vault = house.states["payments"], house.provider
    for charge in payment.charges:
        gone = vault.out_minor(charge.provider_ref)
        assert gone + charge.frozen_minor == charge.amount.minor, charge
    for ref, sender in vault.tokens.items():
        assert (ref in vault.returned) != (sender == LISTED)


@given(moves, payees)
def test_a_seller_is_paid_from_what_was_held_and_from_nothing_else(story, payee):
    house = played(story, payee)
    house.settle()
    state, vault = house.states["escrow"], house.provider
    paid = [(source, minor) for source, to, minor in vault.went if to == payee]
    assert len(paid) <= 1
    assert not paid or payee == SELLER
    for source, _ in paid:
        assert source == state.held_ref


def held(payee=SELLER):
    house = played([("pay", 0)], payee)
    house.rest_once()
    return house


def released(payee):
    house = held(payee)
    for message in PEOPLE[:2]:
        house.say(message)
        house.rest_once()
    return house


def test_the_rail_above_the_threshold_holds_usdc():
    state = held().states["escrow"]
    assert (state.terms.rail, state.terms.amount) == (Rail.CUSTODIAN, PAID)


def test_a_part_goes_back_and_the_whole_is_held_after_it():
    house = played([("pay", 2), ("pay", 0)])
    house.rest_once()
    assert house.states["escrow"].held_ref == "in-2"
    assert house.provider.went == [("in-1", CLEAN, 1)]


def test_the_usual_course_pays_the_wallet_of_the_seller():
    house = released(SELLER)
    assert isinstance(house.states["escrow"], Released)
    assert house.provider.went == [("in-1", SELLER, PAID.minor)]


def test_a_seller_who_cannot_be_paid_makes_a_dispute_that_a_person_ends():
    house = released(BLACKLISTED)
    state = house.states["escrow"]
    assert isinstance(state.before, Delivered)
    assert state.raised_by == "payouts"
    house.settle()
    assert isinstance(house.states["escrow"], Refunded)
    assert house.provider.went == [("in-1", CLEAN, PAID.minor)]


@pytest.mark.parametrize("payee", ["acct_1Seller", "0x12", None])
def test_a_seller_without_a_wallet_is_a_case_before_any_vendor_is_asked(payee):
    house = held(payee)
    for message in PEOPLE[:2]:
        house.say(message)
        delivered_all(house)
    assert house.states["escrow"].raised_by == "payouts"
    assert not any(isinstance(command, ScreenWallet) for _, command in house.asked)
    case = case_of(CaseKind.PAYEE_PARKED, transfer_of("E1"))
    assert set(house.states["payments"].cases) == {case}
    house.settle()
    assert isinstance(house.states["escrow"], Refunded)
    assert house.provider.went == [("in-1", CLEAN, PAID.minor)]


def test_a_sanctioned_seller_freezes_the_escrow_and_nobody_can_end_it():
    house = released(LISTED)
    assert house.is_frozen
    frozen = house.states["escrow"]
    for how in (Resolution.RELEASE, Resolution.REFUND):
        house.say(resolved(frozen, how))
        house.rest_once()
    assert house.states["escrow"] == frozen
    assert house.provider.went == []
    assert len(house.states["payments"].cases) == 1


def test_a_sanctioned_buyer_has_no_escrow_and_no_refund():
    house = played([("pay", 20)])
    house.settle()
    assert isinstance(house.states["escrow"], Cancelled)
    assert house.provider.went == []
    assert house.states["payments"].charges[0].frozen_minor == PAID.minor


def delivered_all(house):
    """Let everybody hear what was said, while the vendors are silent."""
    while any(house.on_its_way.values()):
        house.deliver(0)


def disputed_while_the_vendors_are_silent():
    """The buyer released, nobody has looked at the wallet, and now there is a dispute."""
    house = held()
    for message in (*PEOPLE[:2], DISPUTE):
        house.say(message)
        delivered_all(house)
    assert isinstance(house.states["escrow"], Disputed)
    assert house.provider.went == []
    return house


def test_a_payout_that_has_not_left_gives_way_to_a_refund():
    house = disputed_while_the_vendors_are_silent()
    house.say(resolved(house.states["escrow"]))
    delivered_all(house)
    house.rest()
    assert isinstance(house.states["escrow"], Refunded)
    assert house.provider.went == [("in-1", CLEAN, PAID.minor)]
    assert not house.states["payments"].cases


def test_a_payout_that_has_not_left_gives_way_to_a_part():
    house = disputed_while_the_vendors_are_silent()
    part = Money(4_000_000000, Currency.USDC)
    split = replace(resolved(house.states["escrow"], Resolution.SPLIT), seller_amount=part)
    house.say(split)
    delivered_all(house)
    house.rest()
    assert isinstance(house.states["escrow"], Released)
    assert sorted(house.provider.went) == [
        ("in-1", CLEAN, PAID.minor - part.minor),
        ("in-1", SELLER, part.minor),
    ]


def test_a_payout_that_has_not_left_stays_while_its_escrow_is_disputed():
    house = disputed_while_the_vendors_are_silent()
    house.rest_once()  # the vendors clear the wallet
    assert house.provider.went == []
    house.say(resolved(house.states["escrow"], Resolution.RELEASE))
    house.rest()
    assert isinstance(house.states["escrow"], Released)
    assert house.provider.went == [("in-1", SELLER, PAID.minor)]


def test_what_a_seller_has_on_chain_cannot_be_fetched_and_is_a_case():
    house = held()
    for message in PEOPLE[:2]:
        house.say(message)
        delivered_all(house)
    while not house.provider.went:
        house.perform(0)  # the vendors answer, and the payout leaves
    # There is a dispute, and it is decided, before escrow has heard that it left.
    house.tell("escrow", DISPUTE)
    house.tell("escrow", resolved(house.states["escrow"]))
    delivered_all(house)
    asked = [command for _, command in house.asked]
    house.rest()
    assert house.provider.went == [("in-1", SELLER, PAID.minor)]
    assert not any(isinstance(command, ReverseTransfer) for command in asked)
    [transfer] = house.states["payments"].transfers
    case = case_of(CaseKind.RECOVERY, transfer.transfer_id)
    assert set(house.states["payments"].cases) == {case}
