"""Stateful agents who verify: in process for simulations, over HTTP for the rest."""

from sims.world.verifiers.model import VerifierModel

__all__ = ["VerifierModel"]
