"""A large escrow on the simulated platform, and what the screening vendors think of it."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from sims.world.outside import SimOutside
from sims.world.platform import Platform
from sims.world.screening import Level, Outage, Risk, Vendor
from sims.world.screening.faults import CALM, Faults
from sims.world.time import SimTasks
from toolkit.core.message import derived
from toolkit.core.money import Currency, Money
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.custody import FundsFrozen, PaymentCaseOpened, TransferParked
from toolkit.messages.escrow import (
    EscrowFundsHeld,
    MarkDelivered,
    ReleaseFunds,
    ReleaseReason,
)
from toolkit.messages.payments import RefundSucceeded, TransferSucceeded, WalletScreened

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
PRICE = Money(25_000_00)
USDC = Money(25_000_000_000, Currency.USDC)
BUYER, SELLER = "0x" + "b" * 36, "0x" + "5" * 36
CLEAN = "aaaa"


class Sale:
    """One contract, its parties' wallets, and the hours that pass."""

    def __init__(self, tmp_path, *, seller=CLEAN, faults=CALM):
        self.platform = Platform(
            seed=7, start_at=START, archive_root=tmp_path, screening_faults=faults
        )
        self.outside = SimOutside(
            self.platform.client,
            self.platform.called,
            self.platform.custodian,
            self.platform.custodian_called,
        )
        self.random = Random(7)
        self.escrow_id = str(derived("escrow", "C1"))
        self.now = START
        contract = ContractExecuted(
            contract_id="C1",
            buyer_id="ada",
            seller_id="bob",
            amount=PRICE,
            executed_at=START,
            payee_account=SELLER + seller,
        )
        self.do(self.platform.tell(contract, self.random))

    def do(self, work, hours=0.25):
        SimTasks(self.platform.env).spawn(work)
        self.let(hours)

    def let(self, hours):
        self.now += timedelta(hours=hours)
        self.platform.run(until=self.now)

    def pay(self, sender=CLEAN, hours=0.25):
        address = self.platform.view(self.escrow_id).payment.provider_ref
        self.do(self.outside.send(BUYER + sender, address, USDC.minor), hours)

    def deliver_and_release(self, hours=0.5):
        names = {"escrow_id": self.escrow_id}
        for command in (
            MarkDelivered(**names, actor_id="bob", evidence="keys handed over"),
            ReleaseFunds(**names, actor_id="ada", reason=ReleaseReason.BUYER),
        ):
            self.do(self.platform.send(command, self.random), hours)

    def said(self, *kinds):
        every = [
            envelope.message
            for service in ("escrow", "payments")
            for envelope in self.platform.databases[service].events
        ]
        return [message for message in every if isinstance(message, kinds)]


def test_clean_money_is_held_and_paid_out_after_a_look_at_each_side(tmp_path):
    sale = Sale(tmp_path)
    sale.pay()
    assert sale.said(EscrowFundsHeld)
    sale.deliver_and_release()
    (sent,) = sale.said(TransferSucceeded)
    assert (sent.destination, sent.amount) == (SELLER + CLEAN, USDC)
    looks = [(w.address, w.provider) for w in sale.said(WalletScreened)]
    assert looks == [
        (wallet, vendor.value)
        for wallet in (BUYER + CLEAN, SELLER + CLEAN)
        for vendor in Vendor
    ]


@pytest.mark.parametrize("ending", ["b010", "c010", "d010"])
def test_money_of_high_risk_at_either_vendor_goes_back_and_is_never_held(tmp_path, ending):
    sale = Sale(tmp_path)
    sale.pay(ending)
    (back,) = sale.said(RefundSucceeded)
    assert back.amount == USDC
    assert not sale.said(EscrowFundsHeld, FundsFrozen)


@pytest.mark.parametrize("ending", ["b0fa", "c0fa", "d0fa"])
def test_sanctioned_money_is_frozen_with_a_case_and_goes_nowhere(tmp_path, ending):
    sale = Sale(tmp_path)
    sale.pay(ending, hours=20)
    (frozen,) = sale.said(FundsFrozen)
    assert (frozen.amount, frozen.address) == (USDC, BUYER + ending)
    assert sale.said(PaymentCaseOpened)
    assert not sale.said(EscrowFundsHeld, RefundSucceeded, TransferSucceeded)


def test_while_a_vendor_is_out_nothing_is_held_and_afterwards_it_is(tmp_path):
    outage = Outage(START, START + timedelta(hours=3), Vendor.CHAINALYSIS)
    sale = Sale(tmp_path, faults=Faults(outages=(outage,)))
    sale.pay(hours=2)
    assert not sale.said(WalletScreened, EscrowFundsHeld)
    calls = sale.platform.screening.calls[Vendor.CHAINALYSIS]
    sale.let(hours=1)
    assert sale.said(EscrowFundsHeld)
    assert calls < 60, "a vendor that is down is asked less and less"


def test_a_seller_who_has_become_risky_meanwhile_is_not_paid(tmp_path):
    sale = Sale(tmp_path)
    sale.pay()
    sale.platform.screening.tell(SELLER + CLEAN, Risk(Level.HIGH, category="mixing"))
    sale.deliver_and_release()
    (parked,) = sale.said(TransferParked)
    assert parked.destination == SELLER + CLEAN
    assert not sale.said(TransferSucceeded)


def test_a_seller_who_has_been_sanctioned_meanwhile_freezes_the_money(tmp_path):
    sale = Sale(tmp_path)
    sale.pay()
    listed = Risk(Level.SEVERE, is_sanctioned=True, category="sanctions")
    sale.platform.screening.tell(SELLER + CLEAN, listed, Vendor.TRM)
    sale.deliver_and_release()
    assert sale.said(FundsFrozen)
    assert not sale.said(TransferSucceeded, RefundSucceeded)


def test_a_seller_is_looked_at_only_when_every_vendor_answers(tmp_path):
    sale = Sale(tmp_path)
    sale.pay()
    sale.platform.screening.follow(Faults(failed=1.0))
    sale.deliver_and_release(hours=1)
    assert not sale.said(TransferSucceeded, TransferParked)
    sale.platform.screening.follow(CALM)
    sale.let(hours=1)
    assert sale.said(TransferSucceeded)
