"""Whatever people do, in any order: no dollar is lost, made, or paid to the wrong one."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.chain.deals import (
    APPROVERS,
    ARBITER,
    BUYER,
    CLOSED,
    DAY_S,
    DISPUTED,
    FUNDED,
    GUARDIAN,
    LOCK_S,
    LONGEST_LOCK_S,
    NEEDED,
    OPERATOR,
    PAYEES,
    SELLER,
    STRANGER,
    THRESHOLD,
    House,
)
from tests.chain.evm import Reverted

BUILT = House.built()
DEALS = [bytes([number]) * 32 for number in (1, 2)]
PEOPLE = [OPERATOR, GUARDIAN, BUYER, SELLER, ARBITER, STRANGER, *PAYEES[1:], *APPROVERS]
AMOUNTS = st.sampled_from([1, THRESHOLD, THRESHOLD + 1, 7_000])
TERMS = st.lists(st.tuples(st.sampled_from(PAYEES), AMOUNTS), min_size=1, max_size=3)
deals, people = st.sampled_from(DEALS), st.sampled_from(PEOPLE)
numbers = st.integers(0, 2)


class Deals(RuleBasedStateMachine):
    """Two deals of one token, a few people, any of whom may try anything."""

    @initialize(terms=st.tuples(TERMS, TERMS))
    def begin(self, terms):
        self.kept = BUILT.evm.snapshot()
        self.house, self.terms = BUILT, dict(zip(DEALS, terms, strict=True))
        self.approved, self.scheduled, self.released = {}, {}, set()
        self.put_in, self.withdrawn = 0, dict.fromkeys(PEOPLE, 0)
        for deal, asked in self.terms.items():
            self.house.create(deal, asked, days=10)
        self.deadline = self.house.evm.now_s + 10 * DAY_S

    def teardown(self):
        if hasattr(self, "kept"):
            BUILT.evm.put_back(self.kept)

    def tries(self, call, *arguments, sender):
        try:
            call(*arguments, sender=sender)
        except Reverted:
            return False
        return True

    @rule(deal=deals)
    def fund(self, deal):
        total = sum(amount for _, amount in self.terms[deal])
        try:
            self.house.fund(deal)
        except Reverted:
            return
        self.put_in += total

    @rule(deal=deals, number=numbers, who=people)
    def approve(self, deal, number, who):
        if self.tries(self.house.escrow.approve, deal, number, sender=who):
            assert who in APPROVERS
            self.approved.setdefault((deal, number), set()).add(who)

    @rule(deal=deals, number=numbers, who=st.sampled_from([OPERATOR, STRANGER]))
    def schedule(self, deal, number, who):
        if self.tries(self.house.escrow.schedule, deal, number, sender=who):
            assert who == OPERATOR
            assert len(self.approved[deal, number]) >= NEEDED
            self.scheduled[deal, number] = self.house.evm.now_s

    @rule(deal=deals, number=numbers, who=st.sampled_from([OPERATOR, STRANGER]))
    def release(self, deal, number, who):
        if not self.tries(self.house.escrow.release, deal, number, sender=who):
            return
        assert who == OPERATOR
        assert not self.house.escrow.paused()
        assert (deal, number) not in self.released
        if self.terms[deal][number][1] > THRESHOLD:
            assert len(self.approved[deal, number]) >= NEEDED
            assert self.house.evm.now_s >= self.scheduled[deal, number] + LOCK_S
        self.released.add((deal, number))

    @rule(deal=deals, who=people)
    def dispute(self, deal, who):
        self.tries(self.house.escrow.dispute, deal, sender=who)

    @rule(deal=deals, amount=AMOUNTS, who=st.sampled_from([ARBITER, STRANGER]))
    def resolve(self, deal, amount, who):
        if self.tries(self.house.escrow.resolve, deal, amount, sender=who):
            assert who == ARBITER

    @rule(deal=deals, who=people)
    def refund(self, deal, who):
        if self.tries(self.house.escrow.refund, deal, sender=who):
            assert who == SELLER or self.house.evm.now_s >= self.deadline

    @rule(who=people)
    def withdraw(self, who):
        due = self.house.claimable(who)
        if self.tries(self.house.escrow.withdraw, self.house.coin.address, sender=who):
            assert due > 0
            self.withdrawn[who] += due

    @rule(is_paused=st.booleans(), who=people)
    def pause(self, is_paused, who):
        if self.tries(self.house.escrow.set_paused, is_paused, sender=who):
            assert who == GUARDIAN

    @rule(payee=st.sampled_from(PAYEES), is_listed=st.booleans())
    def blacklist(self, payee, is_listed):
        self.house.coin.blacklist(payee, is_listed)

    @rule(days=st.sampled_from([1, 2, 9, 31]))
    def wait(self, days):
        self.house.evm.now_s += days * DAY_S

    @precondition(lambda self: self.house.evm.now_s >= self.deadline + LONGEST_LOCK_S)
    @rule(deal=deals)
    def nobody_can_keep_the_buyers_money(self, deal):
        """Paused or in dispute: after the deadline and the longest lock it goes back."""
        self.house.escrow.set_paused(True, sender=GUARDIAN)
        if self.house.state(deal) in (FUNDED, DISPUTED):
            held, before = self.house.held(deal), self.house.claimable(BUYER)
            self.house.escrow.refund(deal, sender=STRANGER)
            assert self.house.claimable(BUYER) == before + held

    @invariant()
    def no_dollar_is_lost_or_made_and_nobody_gets_more_than_is_due(self):
        if not hasattr(self, "house"):
            return
        kept = [self.house.escrow.deals(deal) for deal in DEALS]
        due = {who: self.house.claimable(who) for who in (BUYER, *PAYEES)}
        there = self.house.coin.balanceOf(self.house.escrow.address)
        assert there == sum(held for *_, held, _ in kept) + sum(due.values())
        assert there + sum(self.withdrawn.values()) == self.put_in
        for payee in PAYEES[1:]:
            earned = sum(
                self.terms[deal][number][1]
                for deal, number in self.released
                if self.terms[deal][number][0] == payee
            )
            assert self.withdrawn[payee] + due[payee] == earned
        assert all(held == 0 for *_, held, state in kept if state == CLOSED)


Deals.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestDeals = Deals.TestCase
