"""The custodian's rail: what it asks for, and which facts it answers with."""

import pytest

from tests.contracts.custodian_worlds import BUYER, SELLER, Bank, simulated
from tests.sims.stripe.stripe_faces import MORNING
from toolkit.core.errors import Declined, Unavailable, Unfinished
from toolkit.core.money import Currency, Money
from toolkit.messages.custody import (
    DepositArrived,
    DepositReturned,
    DepositReturnFailed,
    RefundParked,
    ReturnDeposit,
    TokenAmount,
    TransferParked,
)
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CreatePaymentIntent,
    InitiateRefund,
    InspectPayment,
    PaymentIntentCreated,
    RefundSucceeded,
    TransferFailed,
    TransferSucceeded,
    TransferToSeller,
)
from toolkit.payments.custodian import CustodianRail

PRICE = Money(12_000_500_000, Currency.USDC)
NAMES = {"escrow_id": "E1", "payment_id": "P1", "rail": Rail.CUSTODIAN}
OPEN = CreatePaymentIntent(**NAMES, amount=PRICE, payer_id="ada")
FOREIGN = {
    "contract": "0x" + "7" * 40,
    "symbol": "USDC",
    "decimals": 18,
    "amount": "25.000000000000000001",
}


def transfer(source, to=SELLER, amount=PRICE):
    return TransferToSeller(
        **NAMES,
        transfer_id="T1",
        amount=amount,
        payee_id="bob",
        destination=to,
        source_ref=source,
    )


def refund(source, amount=PRICE, to=None):
    return InitiateRefund(
        **NAMES,
        refund_id="R1",
        amount=amount,
        reason="asked",
        source_ref=source,
        destination=to,
    )


class House:
    """The rail before the model, and someone who pays."""

    def __init__(self, api, bank):
        self.rail, self.bank, self.api = CustodianRail(api=api), bank, api

    async def perform(self, command, number=0, since=None):
        name = f"{type(command).__name__} {since}"
        attempt = self.bank.attempt(name, number, since)
        return await self.rail.perform(command, attempt)

    async def look(self, ref):
        command = InspectPayment(rail=Rail.CUSTODIAN, object_ref=ref)
        return await self.perform(command)

    async def address(self):
        [opened] = await self.perform(OPEN)
        return opened.provider_ref

    async def paid(self, **deposit):
        ref = self.bank.deposit(await self.address(), **deposit)
        self.bank.pass_by(minutes=2)
        return ref

    async def outcome(self, command):
        """Perform a command, and look at what it made once time has gone by."""
        with pytest.raises(Unfinished):
            await self.perform(command)
        self.bank.pass_by(minutes=5)
        [out] = self.outgoing()
        return await self.look(out.id)

    def outgoing(self):
        return [t for t in self.bank.model.books.transactions if not t.is_inbound]


@pytest.fixture
async def house():
    bank = Bank()
    async with simulated(bank.model) as api:
        yield House(api, bank)


async def test_an_escrow_has_an_address_of_its_own(house):
    facts = await house.perform(OPEN)

    [wallet] = house.bank.model.books.wallets
    assert facts == [
        PaymentIntentCreated(**NAMES, amount=PRICE, provider_ref=wallet.address)
    ]
    assert (wallet.name, wallet.ref_id) == ("E1", "P1")


async def test_an_answer_that_was_lost_makes_no_second_wallet(house):
    house.bank.control("faults/timed_out_after/next", count=9)
    with pytest.raises(Unavailable):
        await house.perform(OPEN)
    house.bank.control("faults/timed_out_after/next", count=0)

    await house.perform(OPEN, number=1)

    assert len(house.bank.model.books.wallets) == 1


async def test_a_deposit_counts_when_it_is_final_and_not_before(house):
    ref = house.bank.deposit(await house.address())
    with pytest.raises(Unfinished):
        await house.look(ref)
    house.bank.pass_by(minutes=2)

    [arrived] = await house.look(ref)

    assert isinstance(arrived, DepositArrived)
    assert (arrived.escrow_id, arrived.payment_id) == ("E1", "P1")
    assert (arrived.amount, arrived.from_address) == (PRICE, BUYER)
    assert (arrived.provider_ref, arrived.chain_ref.chain_id) == (ref, 8453)


@pytest.mark.parametrize("amount", ["0.000001", "11999.5", "12000.500001"])
async def test_partial_and_excess_deposits_are_told_to_the_last_digit(house, amount):
    [arrived] = await house.look(await house.paid(amount=amount))

    assert arrived.amount == Money.parse(amount, Currency.USDC)


async def test_a_token_that_calls_itself_usdc_is_no_money(house):
    [arrived] = await house.look(await house.paid(**FOREIGN))

    assert arrived.amount is None
    assert arrived.token == TokenAmount(
        symbol="USDC",
        contract=FOREIGN["contract"],
        decimals=18,
        base_units="25000000000000000001",
    )


async def test_a_foreign_token_goes_back_whole(house):
    ref = await house.paid(**FOREIGN)
    [arrived] = await house.look(ref)
    back = ReturnDeposit(
        escrow_id="E1",
        payment_id="P1",
        deposit_ref=ref,
        token=arrived.token,
        destination=BUYER,
    )

    [returned] = await house.outcome(back)

    assert isinstance(returned, DepositReturned)
    assert (returned.deposit_ref, returned.token) == (ref, arrived.token)
    assert returned.destination == BUYER


async def test_a_transfer_that_was_made_and_is_not_shown_is_not_said_to_have_failed(house):
    source = await house.paid()

    class Hidden:
        """Shows the deposit, and not yet what has just been made."""

        def __getattr__(self, name):
            return getattr(house.api, name)

        async def transaction(self, id):
            if id != source:
                raise Declined("no such transaction")
            return await house.api.transaction(id)

    house.rail = CustodianRail(api=Hidden())
    with pytest.raises(Unavailable, match="is not shown"):
        await house.perform(transfer(source))

    assert len(house.outgoing()) == 1


async def test_a_seller_is_paid_when_it_is_final(house):
    source = await house.paid()

    [paid] = await house.outcome(transfer(source))

    assert isinstance(paid, TransferSucceeded)
    assert (paid.transfer_id, paid.amount, paid.destination) == ("T1", PRICE, SELLER)
    assert paid.fee == Money(0, Currency.USDC)
    assert paid.provider_ref == house.outgoing()[0].id


async def test_a_refund_goes_to_the_wallet_that_the_deposit_came_from(house):
    source = await house.paid()

    [back] = await house.outcome(refund(source))

    assert isinstance(back, RefundSucceeded)
    assert (back.refund_id, back.source_ref) == ("R1", source)
    assert house.outgoing()[0].destination == BUYER


async def test_a_try_that_was_answered_late_moves_the_money_once(house):
    source = await house.paid()
    house.bank.control("faults/timed_out_after/next", count=1)
    for number in range(4):
        try:
            await house.perform(transfer(source), number, since=house.bank.clock.now())
        except Unavailable:
            continue

    assert len(house.outgoing()) == 1


async def test_a_key_that_may_be_forgotten_is_never_used_again(house):
    source = await house.paid()
    since = house.bank.clock.now()
    house.bank.pass_by(hours=24)

    [failed] = await house.perform(transfer(source), number=9, since=since)

    assert isinstance(failed, TransferFailed)
    assert house.outgoing() == []


async def test_after_a_day_what_was_made_is_found_by_our_reference(house):
    source = await house.paid()
    since = house.bank.clock.now()
    with pytest.raises(Unfinished):
        await house.perform(transfer(source), since=since)
    house.bank.pass_by(hours=24)
    house.bank.model.answered.clear()  # the custodian has forgotten every key

    [paid] = await house.perform(transfer(source), number=9, since=since)

    assert isinstance(paid, TransferSucceeded)
    assert len(house.outgoing()) == 1


async def test_a_payee_on_the_tokens_blacklist_is_parked(house):
    source = await house.paid()
    house.bank.control("blacklist", address=SELLER)

    [parked] = await house.outcome(transfer(source))

    assert isinstance(parked, TransferParked)
    assert (parked.destination, parked.amount) == (SELLER, PRICE)
    assert "blacklisted" in parked.reason


@pytest.mark.parametrize("suffix", ["9999", "8888", "7777", "8999", "8899", "8889", "7779"])
async def test_a_magic_address_is_denied_and_parked(house, suffix):
    source = await house.paid()

    [parked] = await house.outcome(transfer(source, to="0x" + "0" * 36 + suffix))

    assert isinstance(parked, TransferParked)
    assert parked.reason.startswith("DENIED")


async def test_a_buyer_who_cannot_be_paid_back_is_parked(house):
    source = await house.paid(source="0x" + "0" * 36 + "7777")

    [parked] = await house.outcome(refund(source))

    assert isinstance(parked, RefundParked)


@pytest.mark.parametrize("to", ["acct_1Seller", "", "0x12"])
async def test_what_is_no_address_is_parked_without_asking(house, to):
    source = await house.paid()

    [parked] = await house.perform(transfer(source, to=to))

    assert isinstance(parked, TransferParked)
    assert house.outgoing() == []


async def test_money_from_a_listed_owner_arrives_and_cannot_leave(house):
    source = await house.paid(source="0x" + "0" * 36 + "9999")

    [arrived] = await house.look(source)
    [failed] = await house.perform(transfer(source))

    assert isinstance(arrived, DepositArrived)
    assert isinstance(failed, TransferFailed)
    assert "frozen" in failed.reason


async def test_a_transfer_that_the_chain_reverts_may_be_tried_again(house):
    source = await house.paid()
    house.bank.control("faults/transfer_fails/next")

    [failed] = await house.outcome(transfer(source))
    with pytest.raises(Unfinished):
        await house.perform(transfer(source), since=house.bank.clock.now())

    assert isinstance(failed, TransferFailed)
    assert len(house.outgoing()) == 2


async def test_without_gas_the_money_stays(house):
    source = await house.paid()
    house.bank.control("gas", wei=0)

    [failed] = await house.outcome(transfer(source))

    assert isinstance(failed, TransferFailed)
    assert "INSUFFICIENT_NATIVE_TOKEN" in failed.reason


async def test_a_transfer_that_is_stuck_is_hurried_and_arrives(house):
    source = await house.paid()
    house.bank.control("faults/transfer_stuck/next")

    with pytest.raises(Unfinished, match="STUCK"):
        await house.outcome(transfer(source))
    house.bank.pass_by(minutes=5)

    [paid] = await house.look(house.outgoing()[0].id)
    assert isinstance(paid, TransferSucceeded)


async def test_a_return_that_fails_says_so(house):
    ref = await house.paid(**FOREIGN)
    [arrived] = await house.look(ref)
    house.bank.control("blacklist", address=BUYER)
    back = ReturnDeposit(
        escrow_id="E1",
        payment_id="P1",
        deposit_ref=ref,
        token=arrived.token,
        destination=BUYER,
    )

    [failed] = await house.outcome(back)

    assert isinstance(failed, DepositReturnFailed)


async def test_a_transaction_that_nobody_knows_says_nothing(house):
    assert await house.look("00000000-0000-4000-8000-000000000000") == []


async def test_a_wallet_that_is_not_ours_says_nothing(house):
    await house.api.create_wallet("", "", house.bank.attempt("x").key)
    [wallet] = house.bank.model.books.wallets
    ref = house.bank.deposit(wallet.address)
    house.bank.pass_by(minutes=2)

    assert await house.look(ref) == []
    assert [t async for t in house.api.transactions_since(MORNING)]
