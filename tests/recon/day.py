"""A small business day, built record by record and written as a folder of inputs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

STRIPE_ACCOUNT = "acct_test"
VAULT = "vault-test"
IBAN = "GB00TEST"
TREASURY = "0xAAAA000000000000000000000000000000000001"
USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
MONEY_SIGN = {
    "PaymentSucceeded": 1,
    "TransferSucceeded": -1,
    "TransferReversed": 1,
    "RefundSucceeded": -1,
    "ChargebackOpened": -1,
}
ACTIVITY = (
    *(
        "balance_transaction_id",
        "created_utc",
        "available_on_utc",
        "currency",
        "gross",
        "fee",
    ),
    *(
        "net",
        "reporting_category",
        "source_id",
        "description",
        "payment_metadata[escrow_id]",
    ),
    *("transfer_metadata[escrow_id]", "refund_metadata[escrow_id]"),
)
PAYOUTS = (
    *("payout_id", "effective_at_utc", "currency", "gross", "fee", "net"),
    *("reporting_category", "balance_transaction_id", "payout_status", "trace_id"),
)
CUSTODY = (
    *("custodian", "custodian_tx_id", "external_tx_id", "direction", "asset", "chain_id"),
    *("token_contract", "amount_base_units", "decimals", "fee_amount", "fee_asset"),
    *("from_address", "to_address", "tx_hash", "log_index", "block_time", "status"),
    *("created_at", "updated_at"),
)


def major(minor: int) -> str:
    """Cents as Stripe writes them."""
    return f"{Decimal(minor).scaleb(-2):.2f}"


def stripe_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@dataclass
class Day:
    """One day in the making. What nobody plants is in order."""

    date: str = "2026-11-19"
    as_of: str = ""
    events: list = field(default_factory=list)
    activity: list = field(default_factory=list)
    payouts: list = field(default_factory=list)
    custody: list = field(default_factory=list)
    entries: list = field(default_factory=list)
    offset_ranges: list | None = None
    summary_slip: dict = field(default_factory=dict)
    own_funds_slip: dict = field(default_factory=dict)
    bank_slip: int = 0
    positions: bool = True
    holds_already: set = field(default_factory=set)
    moved_before: dict = field(default_factory=dict)
    states_currencies: tuple = ("usd",)
    offsets: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.date).replace(tzinfo=UTC)

    def at(self, text: str) -> datetime:
        """`03:00` of the day, or `-1 03:00` of the day before."""
        days, _, clock = text.rpartition(" ")
        hours, minutes, *seconds = clock.split(":")
        return self.start + timedelta(
            days=int(days or 0),
            hours=int(hours),
            minutes=int(minutes),
            seconds=int(seconds[0]) if seconds else 0,
        )

    def event(self, kind: str, escrow: str, at: str, **payload) -> dict:
        topic = "escrow.events.v1" if kind.startswith("Escrow") else "payments.events.v1"
        self.offsets[topic] = self.offsets.get(topic, 99) + 1
        self.versions[topic, escrow] = self.versions.get((topic, escrow), 0) + 1
        event = {
            "topic": topic,
            "partition": 0,
            "offset": self.offsets[topic],
            "event_id": f"{escrow}-{kind}-{self.offsets[topic]}",
            "event_type": kind,
            "aggregate_id": escrow,
            "aggregate_version": self.versions[topic, escrow],
            # Events of one clock time follow each other as they are written.
            "occurred_at": self.at(at) + timedelta(microseconds=len(self.events)),
            "payload": {"escrow_id": escrow, **payload},
        }
        self.events.append(event)
        return event

    def escrow(self, name: str, minor: int, *, rail="STRIPE", at="-1 02:00") -> str:
        """An escrow that waits for its money."""
        currency = "USD" if rail == "STRIPE" else "USDC"
        amount = {"minor": minor, "currency": currency}
        self.event("EscrowCreated", name, at, amount=amount, rail=rail)
        self.event("EscrowAwaitFunds", name, at, payment_id=f"pay-{name}")
        self.event("PaymentIntentCreated", name, at, payment_id=f"pay-{name}", rail=rail)
        return name

    def money(self, kind: str, escrow: str, minor: int, ref: str, at: str, **more) -> dict:
        """A payments event that moves money."""
        currency = more.pop("currency", "USD")
        rail = "CUSTODIAN" if currency == "USDC" else "STRIPE"
        fee = more.pop("fee", 0)
        fields = {
            "payment_id": f"pay-{escrow}",
            "rail": rail,
            "amount": {"minor": minor, "currency": currency},
            "fee": {"minor": fee, "currency": currency},
            "provider_ref": ref,
        }
        if kind.startswith("Transfer"):
            fields["transfer_id"] = f"out-{escrow}"
        if kind.startswith("Refund"):
            fields["refund_id"] = f"back-{ref}"
        return self.event(kind, escrow, at, **(fields | more))

    def row(
        self, category: str, ref: str, gross: int, at: str, *, fee=0, escrow="", **more
    ) -> dict:
        """A row of Stripe's activity, gross as signed there."""
        metadata = {
            "transfer": "transfer",
            "transfer_reversal": "transfer",
            "refund": "refund",
        }
        row = dict.fromkeys(ACTIVITY, "") | {
            "balance_transaction_id": more.pop("txn", f"txn_{len(self.activity)}_{ref}"),
            "created_utc": stripe_time(self.at(at)),
            "available_on_utc": stripe_time(self.at(at)),
            "currency": more.pop("currency", "usd"),
            "gross": major(gross),
            "fee": major(fee),
            "net": major(more.pop("net", gross - fee)),
            "reporting_category": category,
            "source_id": ref,
            f"{metadata.get(category, 'payment')}_metadata[escrow_id]": escrow,
        }
        self.activity.append(row | more)
        return self.activity[-1]

    def paid(self, name: str, minor: int = 500_00, *, at="03:00", fee=1480, ref="") -> str:
        """An escrow whose card payment is booked, held and in Stripe's export."""
        ref = ref or f"ch_{name}"
        self.escrow(name, minor)
        self.money("PaymentSucceeded", name, minor, ref, at, fee=fee)
        self.held(name, at)
        self.row("charge", ref, minor, at, fee=fee, escrow=name)
        return name

    def held(self, name: str, at: str) -> None:
        self.event("EscrowFundsHeld", name, at, payment_id=f"pay-{name}")

    def released(self, name: str, minor: int = 500_00, *, at="05:00", row=True) -> None:
        """Delivered, paid out and announced."""
        self.event("EscrowDelivered", name, at)
        self.money("TransferSucceeded", name, minor, f"tr_{name}", at, destination="acct_s")
        self.event("EscrowReleased", name, at, transfer_id=f"out-{name}")
        if row:
            self.row("transfer", f"tr_{name}", -minor, at, escrow=name)

    def chain_row(self, ref: str, minor: int, at: str, *, our_ref="", **more) -> dict:
        """A row of the custodian, amount signed: in +, out -."""
        moment = iso(self.at(at))
        row = dict.fromkeys(CUSTODY, "") | {
            "custodian": "vault",
            "custodian_tx_id": ref,
            "external_tx_id": our_ref,
            "direction": "IN" if minor > 0 else "OUT",
            "asset": "USDC",
            "chain_id": "8453",
            "token_contract": USDC,
            "amount_base_units": str(abs(minor)),
            "decimals": "6",
            "fee_amount": "0.0001",
            "fee_asset": "ETH",
            "from_address": "0xbuyer" if minor > 0 else TREASURY,
            "to_address": "0xdeposit" if minor > 0 else "0xseller",
            "tx_hash": f"0x{ref}",
            "log_index": "1",
            "block_time": moment,
            "status": "COMPLETE",
            "created_at": moment,
            "updated_at": moment,
        }
        self.custody.append(row | more)
        return self.custody[-1]

    def deposited(
        self, name: str, minor: int = 20_000_000_000, *, at="03:00", row=True
    ) -> str:
        """A custodian escrow whose deposit is booked and held."""
        self.escrow(name, minor, rail="CUSTODIAN")
        self.money("PaymentSucceeded", name, minor, f"in-{name}", at, currency="USDC")
        self.held(name, at)
        if row:
            self.chain_row(f"in-{name}", minor, at, our_ref=f"pay-{name}")
        return name

    def payout(self, name: str, minor: int, at: str, *, status="paid", **more) -> None:
        """A payout, amount as at the bank."""
        row = {
            "payout_id": f"po_{name}",
            "effective_at_utc": stripe_time(self.at(at)),
            "currency": "usd",
            "gross": major(-minor),
            "fee": "0.00",
            "net": major(-minor),
            "reporting_category": "payout",
            "balance_transaction_id": f"txn_{name}",
            "payout_status": status,
            "trace_id": f"trace-{name}",
        }
        self.payouts.append(row | more)

    def credit(self, reference: str, minor: int, days: int = 0, **more) -> None:
        """A booked credit on the bank account."""
        date = (self.start + timedelta(days=days)).date().isoformat()
        entry = {"ref": reference, "minor": minor, "date": date, "direction": "CRDT"}
        self.entries.append(entry | {"status": "BOOK"} | more)
