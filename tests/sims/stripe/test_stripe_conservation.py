"""Whatever is asked in whatever order: is money neither made nor lost?"""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from stripe_faces import MORNING, HandClock, pay, send

from sims.world.stripe import (
    Faults,
    InProcessStripe,
    ProviderTimeout,
    StripeError,
    StripeModel,
    export_day,
)

AMOUNTS = st.integers(50, 200_000)
METHODS = st.sampled_from(
    [
        "pm_card_visa",
        "pm_card_chargeDeclined",
        "pm_card_createDispute",
        "pm_card_pendingRefund",
        "pm_card_refundFail",
        "pm_usBankAccount_success",
    ]
)
FAULTS = Faults(
    failed_after=0.1,
    timed_out_after=0.1,
    rate_limited=0.05,
    payout_fails=0.3,
    refund_fails=0.1,
    rogue_movement=0.02,
)


class Provider(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 1000), opening=st.integers(1, 500_000))
    def open(self, seed, opening):
        self.clock = HandClock()
        model = StripeModel(now=self.clock.now, seed=seed, faults=FAULTS)
        self.stripe, self.books = InProcessStripe(model), model.books
        self.opening = opening
        self.stripe.post(
            "/_sandbox/opening_balance", {"amount": opening, "currency": "usd"}
        )
        self.keyed = {}

    def attempt(self, ask, *arguments, **params):
        """Refusals and silences are part of life."""
        try:
            return ask(self.stripe, *arguments, **params)
        except (StripeError, ProviderTimeout):
            return None

    def any_of(self, table, number):
        return table.rows[number % len(table)].id if len(table) else "none"

    @rule(amount=AMOUNTS, method=METHODS)
    def somebody_pays(self, amount, method):
        self.attempt(pay, amount, method=method)

    @rule(amount=AMOUNTS, number=st.integers(0, 100))
    def a_seller_is_paid_from_a_charge(self, amount, number):
        self.attempt(send, self.any_of(self.books.charges, number), amount)

    @rule(amount=AMOUNTS)
    def a_seller_is_paid_from_the_balance(self, amount):
        self.attempt(send, None, amount)

    @rule(number=st.integers(0, 100), amount=AMOUNTS)
    def a_transfer_is_reversed(self, number, amount):
        transfer = self.any_of(self.books.transfers, number)
        self.attempt(InProcessStripe.reverse_transfer, transfer, params={"amount": amount})

    @rule(number=st.integers(0, 100), amount=AMOUNTS)
    def a_charge_is_refunded(self, number, amount):
        charge = self.any_of(self.books.charges, number)
        asked = {"charge": charge, "amount": amount}
        self.attempt(InProcessStripe.create_refund, asked)

    @rule(number=st.integers(0, 100))
    def a_charge_is_disputed(self, number):
        self.attempt(InProcessStripe.open_dispute, self.any_of(self.books.charges, number))

    @rule(number=st.integers(0, 100), is_won=st.booleans())
    def a_dispute_is_decided(self, number, is_won):
        dispute = self.any_of(self.books.disputes, number)
        self.attempt(InProcessStripe.close_dispute, dispute, is_won=is_won)

    @rule(amount=AMOUNTS)
    def own_money_comes(self, amount):
        asked = {"amount": amount, "currency": "usd"}
        self.attempt(InProcessStripe.create_topup, asked)

    @rule(amount=AMOUNTS)
    def own_money_goes(self, amount):
        asked = {"amount": amount, "currency": "usd"}
        self.attempt(InProcessStripe.create_payout, asked)

    @rule(key=st.sampled_from("abc"), amount=st.sampled_from([100, 200]))
    def an_intent_is_asked_for_again_and_again(self, key, amount):
        labels = {"asked_with": key}
        asked = {"amount": amount, "currency": "usd", "metadata": labels}
        self.keyed.setdefault(key, self.clock.now())
        self.attempt(InProcessStripe.create_payment_intent, asked, key=key)

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours):
        self.clock.advance(hours=hours)
        self.stripe.model.books.catch_up()

    @invariant()
    def the_balance_is_the_sum_of_its_lines(self):
        funds = self.books.funds
        lines = sum(line.net_minor for line in self.books.transactions)
        held = funds.available_minor["usd"] + funds.pending_minor["usd"]
        assert held == self.opening + lines

    @invariant()
    def no_charge_gives_more_than_it_took(self):
        for charge in self.books.charges:
            refunds = self.books.refunds.referring("charge", charge.id)
            alive = (each for each in refunds if each.status in ("pending", "succeeded"))
            assert sum(each.amount_minor for each in alive) == charge.refunded_minor
            assert 0 <= charge.refunded_minor <= charge.amount_minor
            sent = self.books.transfers.referring("source_transaction", charge.id)
            sent_minor = sum(each.amount_minor - each.reversed_minor for each in sent)
            assert sent_minor == charge.transferred_minor <= charge.amount_minor

    @invariant()
    def a_seller_holds_what_was_sent_less_what_was_taken_back(self):
        held = Counter()
        for transfer in self.books.transfers:
            left_minor = transfer.amount_minor - transfer.reversed_minor
            held[transfer.destination] += left_minor
        for id, account in self.books.accounts.items():
            assert account.balance_minor.get("usd", 0) == held[id] >= 0

    @invariant()
    def a_key_makes_one_object_a_day(self):
        days = (self.clock.now() - MORNING) // timedelta(days=1) + 1
        made = Counter(
            each.metadata.get("asked_with") for each in self.books.payment_intents
        )
        assert all(made[key] <= days for key in self.keyed)

    def teardown(self):
        """Whatever happened, every day's files tie out, each to the next."""
        if not hasattr(self, "clock"):
            return
        ending = Decimal(self.opening) / 100
        day = MORNING.date()
        with tempfile.TemporaryDirectory() as folder:
            while day <= self.clock.now().date():
                ending = _tied_out(self.stripe.model, day, Path(folder), ending)
                day += timedelta(days=1)
        funds = self.books.funds
        held_minor = funds.available_minor["usd"] + funds.pending_minor["usd"]
        assert ending * 100 == held_minor


def _tied_out(model, day, folder, starting):
    export_day(model, day, folder)
    tables = {}
    for source in ("stripe_activity", "stripe_summary", "stripe_payouts"):
        with (folder / f"{source}.csv").open(encoding="utf-8", newline="") as file:
            tables[source] = list(csv.DictReader(file))
    summary = {
        line["category"]: Decimal(line["net_amount"]) for line in tables["stripe_summary"]
    }
    activity = sum(Decimal(line["net"]) for line in tables["stripe_activity"])
    payouts = sum(
        Decimal(line["net"])
        for line in tables["stripe_payouts"]
        if line["effective_at_utc"].startswith(day.isoformat())
    )
    assert summary["starting_balance"] == starting
    assert (summary["activity"], summary["payouts"]) == (activity, payouts)
    assert summary["ending_balance"] == starting + activity + payouts
    return summary["ending_balance"]


TestProvider = Provider.TestCase
TestProvider.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
