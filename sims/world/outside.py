"""Wallets and banks of the simulated people, at the models of the providers."""

from __future__ import annotations

from dataclasses import dataclass

from sims.world.calls import ProviderTimeout
from sims.world.custodian.model import CustodianModel
from sims.world.stripe.client import InProcessStripe
from sims.world.stripe.errors import StripeError
from sims.world.time import SimSignal
from toolkit.core.money import Currency, decimal

OTHER_CONTRACT = "0x5ca1ab1e00000000000000000000000000000bad"
OTHER_DECIMALS = 18


def deposit(sender: str, to: str, base_units: int, symbol: str) -> dict[str, object]:
    """Say what the custodian's sandbox is asked for when somebody sends a token."""
    asked: dict[str, object] = {"from": sender, "to": to}
    if symbol == Currency.USDC:
        return asked | {"amount": decimal(base_units, Currency.USDC).replace(",", "")}
    whole, rest = divmod(base_units, 10**OTHER_DECIMALS)
    return asked | {
        "symbol": symbol,
        "contract": OTHER_CONTRACT,
        "decimals": OTHER_DECIMALS,
        "amount": f"{whole}.{rest:0{OTHER_DECIMALS}}",
    }


def pays(cards: InProcessStripe, changed: SimSignal, intent: str, method: str) -> bool:
    """Confirm a payment intent, as the buyer's browser does at the provider.

    A cancelled intent is refused. No answer, or an error of theirs, leaves it open.
    """
    try:
        cards.confirm_payment_intent(intent, {"payment_method": method})
    except ProviderTimeout:
        return True
    except StripeError as refusal:
        return refusal.http_status >= 500
    finally:
        changed.ring()
    return True


@dataclass(slots=True)
class SimOutside:
    """Does what people do elsewhere; whoever delivers webhooks is told to look."""

    cards: InProcessStripe
    cards_changed: SimSignal
    chain: CustodianModel
    chain_changed: SimSignal

    async def send(
        self, sender: str, to: str, base_units: int, symbol: str = "USDC"
    ) -> None:
        self._pull("/_sandbox/deposits", deposit(sender, to, base_units, symbol))

    async def blacklist(self, wallet: str) -> None:
        self._pull("/_sandbox/blacklist", {"address": wallet})

    async def charge_back(self, intent: str) -> str | None:
        """What was not paid, or was given back, cannot be taken back."""
        try:
            dispute = self.cards.post("/_sandbox/disputes", {"payment_intent": intent})
        except StripeError:
            return None
        finally:
            self.cards_changed.ring()
        return str(dispute["id"])

    async def decide(self, dispute: str, *, is_won: bool) -> None:
        outcome = "won" if is_won else "lost"
        self.cards.post(f"/_sandbox/disputes/{dispute}/close", {"outcome": outcome})
        self.cards_changed.ring()

    def _pull(self, path: str, asked: dict[str, object]) -> None:
        answer = self.chain.handle("POST", path, asked)
        assert answer.status == 200, f"{path}: {answer.body}"
        self.chain_changed.ring()
