"""What a service's store saves is what it loads, whatever has happened to the aggregate."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.closing.deal import Deal, mutual, settle
from toolkit.assembly import SCHEMAS
from toolkit.closing.state import Absent as Closing
from toolkit.core.errors import Conflict
from toolkit.core.message import first
from toolkit.core.money import Currency, Money
from toolkit.core.ports import Effects, Versioned
from toolkit.escrow.state import (
    Absent,
    AwaitFunds,
    Cancelled,
    Delivered,
    Disputed,
    FundsHeld,
    Refunded,
    Released,
    Terms,
)
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.messages.escrow import Rail, Resolution
from toolkit.messages.payments import ChargebackOutcome, PaymentSucceeded
from toolkit.messages.wire import WireFormat
from toolkit.payments.state import (
    Charge,
    Chargeback,
    Payment,
    Progress,
    Refund,
    Reversal,
    Transfer,
)

pytestmark = pytest.mark.embedded


def settling():
    """A closing that fell through after its settlement failed, and a bank is in the way."""
    deal = Deal().open().verify().fund()
    deal.say(settle(deal.there.held_minor))
    deal.answer(is_good=False)
    deal.deposit(5)
    deal.say(mutual())
    deal.answer(is_good=False)
    return deal


NOW = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
TERMS = Terms(
    contract_id="C1",
    buyer_id="ada",
    seller_id="bob",
    amount=Money(58_247_234_753, Currency.USDC),
    rail=Rail.CUSTODIAN,
    payee_account="acct_bob",
)
HELD = FundsHeld(terms=TERMS, held_ref="ch_1")
DELIVERED = Delivered(terms=TERMS, held_ref="ch_1", auto_release_at=NOW + timedelta(days=7))


def disputed(before, **more):
    return Disputed(
        terms=TERMS,
        held_ref="ch_1",
        dispute_id="D1",
        raised_by="ada",
        before=before,
        **more,
    )


ESCROWS = [
    Absent(),
    AwaitFunds(terms=TERMS, fund_by=NOW),
    HELD,
    DELIVERED,
    disputed(HELD),
    disputed(DELIVERED, resolution=Resolution.SPLIT, released_minor=7),
    disputed(disputed(DELIVERED, resolution=Resolution.REFUND), refunded_minor=9),
    Released(terms=TERMS, held_ref="ch_1", reversed_minor=5),
    Refunded(terms=TERMS, held_ref="ch_1"),
    Cancelled(terms=TERMS),
]
USD = Money(12_345)
PAYMENTS = [
    Payment(),
    Payment(payment_id="P1", amount=USD, intent_ref="pi_1", is_cancel_requested=True),
    Payment(
        payment_id="P1",
        amount=USD,
        intent_ref="pi_1",
        is_cancelled=True,
        charges=(Charge(provider_ref="ch_1", amount=USD),),
        transfers=(
            Transfer(
                transfer_id="T1",
                amount=USD,
                source_ref="ch_1",
                progress=Progress.SUCCEEDED,
                provider_ref="tr_1",
                reversing_minor=45,
                reversals=(Reversal(provider_ref="trr_1", minor=45),),
            ),
        ),
        refunds=(
            Refund(
                refund_id="R1",
                amount=Money(45),
                source_ref="ch_1",
                reason="a split",
                progress=Progress.WAITING,
            ),
        ),
        chargebacks=(
            Chargeback(dispute_ref="dp_1", amount=USD, outcome=ChargebackOutcome.WON),
        ),
    ),
]


CLOSINGS = [
    Closing(),
    Deal().open().state,
    Deal().open().verify().fund().state,
    settling().state,
]


@pytest.fixture
async def opened(postgres_dsn):
    """Opens the database of a service by its name, one after the other."""
    migrate(postgres_dsn, {name: folder for name, (folder, _) in SCHEMAS.items()})
    pools = []

    async def open_database(name):
        pool = open_pool(postgres_dsn, name)
        pools.append(pool)
        wires = WireFormat()
        return PostgresDatabase(
            await pool.__aenter__(), name, SCHEMAS[name][1], wires.encode, wires.decode
        )

    yield open_database
    for pool in pools:
        await pool.__aexit__(None, None, None)


async def saved(database, states, found, events=()):
    effects = Effects(states=states, found=found, events=list(events))
    async with database.transaction() as transaction:
        await transaction.open([], list(states))
        await transaction.write(effects)


async def loaded(database, keys):
    async with database.transaction() as transaction:
        return (await transaction.open([], keys)).states


@pytest.mark.parametrize(
    ("service", "states"),
    [("escrow", ESCROWS), ("payments", PAYMENTS), ("closing", CLOSINGS)],
    ids=lambda s: str(s)[:8],
)
async def test_every_state_survives_the_trip(opened, service, states):
    database = await opened(service)
    given = {f"E{n:02}": Versioned(state, n + 1) for n, state in enumerate(states)}

    await saved(database, given, dict.fromkeys(given, 0))

    assert await loaded(database, list(given)) == given


async def test_a_state_that_moved_on_is_not_overwritten(opened):
    database = await opened("escrow")
    await saved(database, {"E1": Versioned(HELD, 3)}, {"E1": 0})

    with pytest.raises(Conflict):
        await saved(database, {"E1": Versioned(DELIVERED, 3)}, {"E1": 2})
    with pytest.raises(Conflict):
        await saved(database, {"E1": Versioned(DELIVERED, 1)}, {"E1": 0})

    assert (await loaded(database, ["E1"]))["E1"] == Versioned(HELD, 3)


async def test_the_journal_is_written_with_the_payment_and_sums_to_zero(opened):
    database = await opened("payments")
    said = PaymentSucceeded(
        escrow_id="E1",
        payment_id="P1",
        rail=Rail.STRIPE,
        amount=USD,
        fee=Money(388),
        provider_ref="ch_1",
    )
    event = first(said, UUID(int=1), NOW).caused(0, said, NOW, version=1)

    await saved(database, {"E1": Versioned(PAYMENTS[1], 1)}, {"E1": 0}, [event])

    async with database.pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select account, minor from journal order by account, minor"
            )
        ).fetchall()
    assert rows == [
        ("escrow:E1", -12_345),
        ("platform:fees", 388),
        ("provider:STRIPE", -388),
        ("provider:STRIPE", 12_345),
    ]
