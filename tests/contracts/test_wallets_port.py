"""The wallet provider behind its port: the same promises in process and over HTTP."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from sims.world.agentic import WalletModel
from sims.world.vendor_face import VendorFace, application
from toolkit.closing.policy import milestones, wallet_of
from toolkit.closing.wallet import WalletRail
from toolkit.core.errors import Declined, Unavailable, Unfinished
from toolkit.core.money import Money
from toolkit.infra.json_http import HttpCall
from toolkit.infra.wallets import WalletClient
from toolkit.messages.closing import StatementLine
from toolkit.messages.wallets import (
    CreateWallet,
    FundsDeposited,
    InspectWallet,
    MilestoneFailed,
    MilestoneReleased,
    ReleaseMilestone,
    ReturnFunds,
    SettleWallet,
    WalletCreated,
    WalletSettled,
    WalletSettlementFailed,
)
from toolkit.runtime.agenda import Attempt

ID, WALLET = "closing-1", wallet_of("closing-1")
PLANNED = milestones(ID)
NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
OPEN = CreateWallet(
    transaction_id=ID, wallet_id=WALLET, buyer_id="buyer", milestones=PLANNED
)
RIGHT, WRONG = "right", "wrong"
LOOK = InspectWallet(transaction_id=ID, wallet_id=WALLET)


def release(n=0, amount=None):
    return ReleaseMilestone(
        transaction_id=ID,
        wallet_id=WALLET,
        payment_id=f"fee-{n}",
        task_id=PLANNED[n].task_id,
        payee_id="agent",
        amount=amount or PLANNED[n].fee,
    )


def settle(*minors):
    lines = [
        StatementLine(code=f"M.{n:02}", payee_id=f"payee-{n}", amount=Money(minor))
        for n, minor in enumerate(minors)
    ]
    return SettleWallet(
        transaction_id=ID, wallet_id=WALLET, settlement_id="s", lines=tuple(lines)
    )


def attempt(n=1, number=0, age=timedelta()):
    return Attempt(key=UUID(int=n), since=NOW - age, now=NOW, number=number)


class Bench:
    """A provider over HTTP, with our own client before it."""

    def __init__(self, token=RIGHT):
        self.now = NOW
        self.model = WalletModel(now=lambda: self.now, seed=3, webhook_secret=RIGHT)
        face = VendorFace(model=self.model, token=RIGHT)
        transport = httpx.ASGITransport(app=application(face))
        client = httpx.AsyncClient(
            transport=transport,
            base_url="http://provider",
            headers={"Authorization": f"Bearer {token}"},
        )
        self.client = WalletClient(HttpCall("the provider", client))
        self.rail = WalletRail(api=self.client)

    async def perform(self, command, try_=None):
        return await self.rail.perform(command, try_ or attempt())

    def deposit(self, amount="5000.00", **more):
        asked = {"account": WALLET, "payer": "buyer", "amount": amount, **more}
        answer = self.model.handle("POST", "/_sandbox/deposits", asked)
        assert answer.status == 200

    def strike(self, fault):
        self.model.books.dice.order(fault, 1)

    @property
    def wallet(self):
        return self.model.books.wallet(WALLET)


@pytest.fixture
async def bench():
    made = Bench()
    (created,) = await made.perform(OPEN)
    assert isinstance(created, WalletCreated)
    return made


async def test_a_wallet_is_opened_once_whoever_asks_again(bench):
    (again,) = await bench.perform(OPEN)
    assert again.provider_ref == bench.wallet.funding_account
    assert len(bench.model.books.wallets) == 1


async def test_only_good_funds_are_told(bench):
    bench.deposit(hold_s=60)
    assert await bench.perform(LOOK) == []
    bench.now += timedelta(seconds=60)
    (told,) = await bench.perform(LOOK)
    assert isinstance(told, FundsDeposited)
    assert told.deposit.amount == Money(5_000_00)


async def test_a_balance_is_what_may_be_paid_out_and_what_is_on_its_way(bench):
    bench.deposit()
    bench.deposit("70.00", hold_s=60)
    assert await bench.client.balance(WALLET) == {
        "available": "5000.00",
        "pending": "70.00",
    }


async def test_a_milestone_is_paid_once_for_its_key(bench):
    bench.deposit()
    first, second = [await bench.perform(release()) for _ in range(2)]
    assert first == second
    assert isinstance(first[0], MilestoneReleased)
    assert bench.wallet.available_minor == 5_000_00 - 1_200_00


async def test_a_milestone_is_never_paid_twice_under_another_key_either(bench):
    bench.deposit()
    await bench.perform(release())
    (failed,) = await bench.perform(release(), attempt(2))
    assert isinstance(failed, MilestoneFailed)
    assert "already_released" in failed.reason


async def test_a_milestone_is_paid_what_it_is_worth(bench):
    bench.deposit()
    (failed,) = await bench.perform(release(amount=Money(1)))
    assert "not worth this amount" in failed.reason


async def test_nothing_is_paid_from_an_empty_wallet(bench):
    (failed,) = await bench.perform(release())
    assert "insufficient_funds" in failed.reason


async def test_a_call_whose_answer_was_lost_is_found_by_our_reference(bench):
    bench.deposit()
    bench.strike("failed_after")
    with pytest.raises(Unavailable):
        await bench.perform(release())
    paid = len(bench.wallet.entries)
    late = attempt(number=5, age=timedelta(hours=30))
    (told,) = await bench.perform(release(), late)
    assert isinstance(told, MilestoneReleased)
    assert len(bench.wallet.entries) == paid


async def test_past_the_horizon_nothing_is_asked_for_again(bench):
    bench.deposit()
    (told,) = await bench.perform(release(), attempt(age=timedelta(hours=24)))
    assert "no answer in time" in told.reason
    assert bench.wallet.available_minor == 5_000_00


async def test_a_payment_that_a_bank_looks_into_is_waited_for(bench):
    bench.deposit()
    bench.strike("transfer_stuck")
    with pytest.raises(Unfinished, match="pending"):
        await bench.perform(release())
    bench.now += timedelta(hours=6)
    (told,) = await bench.perform(release())
    assert isinstance(told, MilestoneReleased)


async def test_a_settlement_pays_every_line_and_leaves_nothing(bench):
    bench.deposit()
    (told,) = await bench.perform(settle(4_000_00, 1_000_00))
    assert isinstance(told, WalletSettled)
    assert [d.amount.minor for d in told.distributions] == [4_000_00, 1_000_00]
    assert bench.wallet.available_minor == 0


@pytest.mark.parametrize("minors", [(4_999_99,), (4_000_00, 1_000_01)])
async def test_a_settlement_of_another_sum_pays_nothing(bench, minors):
    bench.deposit()
    (told,) = await bench.perform(settle(*minors))
    assert isinstance(told, WalletSettlementFailed)
    assert bench.wallet.available_minor == 5_000_00


async def test_a_settlement_that_a_bank_refuses_pays_none_of_its_lines(bench):
    bench.deposit()
    bench.strike("transfer_fails")
    (told,) = await bench.perform(settle(5_000_00))
    assert isinstance(told, WalletSettlementFailed)
    assert bench.wallet.available_minor == 5_000_00


async def test_money_goes_back_to_whom_we_say(bench):
    bench.deposit()
    back = ReturnFunds(
        transaction_id=ID,
        wallet_id=WALLET,
        payment_id="r",
        payee_id="buyer",
        amount=Money(5_000_00),
    )
    (told,) = await bench.perform(back)
    assert told.payee_id == "buyer"
    assert bench.wallet.available_minor == 0


async def test_news_comes_page_by_page_and_in_order(bench):
    for _ in range(130):
        bench.deposit("1.00")
    found = await bench.client.events_since(NOW)
    ids = [event["id"] for event in found]
    assert ids == sorted(ids)
    assert len(ids) == 261
    assert len(await bench.client.history(WALLET)) == 130


@pytest.mark.parametrize("fault", ["failed_before", "rate_limited"])
async def test_trouble_at_the_provider_says_nothing_of_the_payment(bench, fault):
    bench.deposit()
    bench.strike(fault)
    with pytest.raises(Unavailable):
        await bench.perform(release())


async def test_a_wrong_token_is_no_answer_about_a_payment():
    with pytest.raises(Unavailable, match="401"):
        await Bench(token=WRONG).perform(release())


async def test_a_wallet_that_is_not_there_is_declined(bench):
    with pytest.raises(Declined, match="no wallet"):
        await bench.client.balance("another")
