"""Stateful TRM Labs and Chainalysis: in process for simulations, over HTTP for the rest."""

from sims.world.screening.client import SimScreener
from sims.world.screening.faults import CALM, PLANS, Fault, Faults, Outage
from sims.world.screening.model import ScreeningModel
from sims.world.screening.risks import Level, Risk, Vendor

__all__ = [
    "CALM",
    "PLANS",
    "Fault",
    "Faults",
    "Level",
    "Outage",
    "Risk",
    "ScreeningModel",
    "SimScreener",
    "Vendor",
]
