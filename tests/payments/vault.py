"""A custodian of a few lines: tokens come in and go out, wallets have a reputation."""

from dataclasses import dataclass, field

from toolkit.core.money import Currency, Money
from toolkit.messages.custody import (
    DepositArrived,
    DepositReturned,
    DepositReturnFailed,
    RefundParked,
    ReturnDeposit,
    ScreenWallet,
    TokenAmount,
    TransferParked,
)
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    ChainRef,
    CreatePaymentIntent,
    InitiateRefund,
    PaymentIntentCreated,
    RefundFailed,
    RefundSucceeded,
    RiskLevel,
    TransferFailed,
    TransferSucceeded,
    TransferToSeller,
    WalletScreened,
)

NOTHING = Money(0, Currency.USDC)
CLEAN, RISKY, LISTED, SELLER, BLACKLISTED, RISKY_SELLER = (
    f"0x{digit * 40}" for digit in "abcdef"
)
LEVELS = {
    RISKY: RiskLevel.HIGH,
    RISKY_SELLER: RiskLevel.HIGH,
    LISTED: RiskLevel.SEVERE,
}
VENDORS = ("TRM", "CHAINALYSIS")


@dataclass
class Vault:
    """What came in and went out, by the deposit it belongs to, in base units."""

    came: dict[str, tuple[str, int]] = field(default_factory=dict)  # sender, minor
    tokens: dict[str, str] = field(default_factory=dict)  # of others, and their senders
    went: list[tuple[str, str, int]] = field(default_factory=list)  # deposit, to, minor
    returned: list[str] = field(default_factory=list)
    answers: dict[object, list] = field(default_factory=dict)

    @property
    def holding_minor(self):
        came = sum(minor for _, minor in self.came.values())
        return came - sum(minor for _, _, minor in self.went)

    def out_minor(self, deposit):
        return sum(minor for source, _, minor in self.went if source == deposit)

    def deposit(self, names, amount, sender):
        """A token arrives; what is no Money of ours is some other token."""
        ref = f"in-{len(self.came) + len(self.tokens) + 1}"
        if amount is None:
            self.tokens[ref] = sender
        else:
            self.came[ref] = (sender, amount.minor)
        token = TokenAmount(
            symbol="USDC" if amount else "SHIB",
            contract="0x8335" if amount else "0x5ca1",
            decimals=6 if amount else 18,
            base_units=str(amount.minor if amount else 10**24),
        )
        return DepositArrived(
            **names,
            provider_ref=ref,
            token=token,
            from_address=sender,
            chain_ref=ChainRef(chain_id=8453, tx_hash=f"0x{ref}", log_index=0),
            amount=amount,
        )

    def perform(self, key, ask, *, is_declined=False):
        """Answer a command; the same key is answered the same and moves nothing again."""
        if key not in self.answers:
            self.answers[key] = list(self._answer(ask, is_declined))
        return self.answers[key]

    def _answer(self, ask, is_declined):
        names = {"escrow_id": ask.escrow_id, "payment_id": ask.payment_id}
        rail = {**names, "rail": Rail.CUSTODIAN}
        match ask:
            case CreatePaymentIntent():
                yield PaymentIntentCreated(**rail, amount=ask.amount, provider_ref="0x1")
            case ScreenWallet():
                yield from words(ask)
            case TransferToSeller():
                yield self._transfer(ask, rail, is_declined)
            case InitiateRefund():
                yield self._refund(ask, rail, is_declined)
            case ReturnDeposit():
                ref = {**names, "deposit_ref": ask.deposit_ref}
                if is_declined:
                    yield DepositReturnFailed(**ref, reason="no such token")
                    return
                self.returned.append(ask.deposit_ref)
                yield DepositReturned(
                    **ref, token=ask.token, destination=ask.destination, provider_ref="out"
                )

    def _transfer(self, ask, names, is_declined):
        facts = {**names, "transfer_id": ask.transfer_id, "amount": ask.amount}
        if ask.destination == BLACKLISTED:
            return TransferParked(**facts, destination=ask.destination, reason="blacklist")
        if is_declined:
            return TransferFailed(**facts, reason="no gas")
        ref = self._send(ask)
        return TransferSucceeded(
            **facts, fee=NOTHING, provider_ref=ref, destination=ask.destination
        )

    def _refund(self, ask, names, is_declined):
        facts = {**names, "refund_id": ask.refund_id, "amount": ask.amount}
        if ask.destination == BLACKLISTED:
            return RefundParked(**facts, destination=ask.destination, reason="blacklist")
        if is_declined:
            return RefundFailed(**facts, reason="no gas")
        ref = self._send(ask)
        return RefundSucceeded(**facts, provider_ref=ref)

    def _send(self, ask):
        self.went.append((ask.source_ref, ask.destination, ask.amount.minor))
        sent, came = self.out_minor(ask.source_ref), self.came[ask.source_ref][1]
        assert sent <= came, f"{sent} of {came} left {ask.source_ref}"
        return f"out-{len(self.went)}"


def words(ask):
    """Both vendors on one wallet; they need not agree, and the worse of them counts."""
    level = LEVELS.get(ask.address, RiskLevel.LOW)
    for vendor, seen in zip(VENDORS, (RiskLevel.LOW, level), strict=True):
        yield WalletScreened(
            escrow_id=ask.escrow_id,
            payment_id=ask.payment_id,
            address=ask.address,
            provider=vendor,
            level=seen,
            sanctioned=ask.address == LISTED and vendor == VENDORS[1],
            purpose=ask.purpose,
            subject_ref=ask.subject_ref,
        )
