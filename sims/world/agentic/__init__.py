"""A stateful wallet provider: in process for simulations, over HTTP for the rest."""

from sims.world.agentic.model import WalletModel

__all__ = ["WalletModel"]
