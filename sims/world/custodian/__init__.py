"""A custodian of tokens as it really behaves, after Circle's developer-controlled wallets.

A stateful model with two faces: in process for the simulator (`model`), and HTTP for the
client of production (`http`, `python -m sims.world.custodian`).
"""

from sims.world.custodian.errors import CustodianError
from sims.world.custodian.model import CustodianModel
from sims.world.custodian.records import State

__all__ = ["CustodianError", "CustodianModel", "State"]
