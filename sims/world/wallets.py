"""Wallets, and what the screening vendors of the simulated world think of their owners."""

from __future__ import annotations

from random import Random

CLEAN = "aaaa"
# The endings by which `sims.world.screening` knows a wallet: at both vendors, or at one.
RISKY = ("b010", "b015", "c010", "d010")
SANCTIONED = ("b0fa", "c0fa", "d0fa")


def wallet(random: Random, is_risky: float, is_sanctioned: float) -> str:
    """Draw somebody's wallet; the probabilities say whose it may be."""
    mood, body = random.random(), f"0x{random.getrandbits(144):036x}"
    if mood < is_sanctioned:
        return body + random.choice(SANCTIONED)
    if mood < is_sanctioned + is_risky:
        return body + random.choice(RISKY)
    return body + CLEAN
