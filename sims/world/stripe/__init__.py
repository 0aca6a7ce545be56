"""A stateful Stripe: in process for simulations, over HTTP for the official SDK."""

from sims.world.calls import ProviderTimeout
from sims.world.faults import CALM, PLANS, Faults
from sims.world.stripe.client import InProcessStripe
from sims.world.stripe.errors import StripeError
from sims.world.stripe.exports import export_day
from sims.world.stripe.model import StripeModel
from sims.world.webhooks import Delivery

__all__ = [
    "CALM",
    "PLANS",
    "Delivery",
    "Faults",
    "InProcessStripe",
    "ProviderTimeout",
    "StripeError",
    "StripeModel",
    "export_day",
]
