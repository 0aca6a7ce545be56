"""What the sandbox knows of a wallet: by the end of its address, or because it was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Vendor(StrEnum):
    TRM = "TRM"
    CHAINALYSIS = "CHAINALYSIS"


class Level(StrEnum):
    """The vendors' own words. `Unknown` is one too, and clears nobody."""

    UNKNOWN = "Unknown"
    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    SEVERE = "Severe"


@dataclass(frozen=True, slots=True)
class Risk:
    """A vendor's view of a wallet; a category that names its owner, if there is one."""

    level: Level = Level.LOW
    is_sanctioned: bool = False
    category: str | None = None


CLEAN = Risk()
MEDIUM = Risk(Level.MEDIUM, category="gambling")
HIGH = Risk(Level.HIGH, category="mixing")
SEVERE = Risk(Level.SEVERE, category="stolen funds")
LISTED = Risk(Level.SEVERE, is_sanctioned=True, category="sanctions")
UNKNOWN = Risk(Level.UNKNOWN, category="unnamed service")

# Both vendors agree on `b…`; `c…` is what TRM alone has found, `d…` Chainalysis alone. The
# endings of the custodian's own test addresses mean the same here.
MAGIC: Mapping[str, Mapping[Vendor, Risk]] = {
    "b005": dict.fromkeys(Vendor, MEDIUM),
    "b010": dict.fromkeys(Vendor, HIGH),
    "b015": dict.fromkeys(Vendor, SEVERE),
    "b0fa": dict.fromkeys(Vendor, LISTED),
    "b000": dict.fromkeys(Vendor, UNKNOWN),
    "c005": {Vendor.TRM: MEDIUM},
    "c010": {Vendor.TRM: HIGH},
    "c0fa": {Vendor.TRM: LISTED},
    "d005": {Vendor.CHAINALYSIS: MEDIUM},
    "d010": {Vendor.CHAINALYSIS: HIGH},
    "d0fa": {Vendor.CHAINALYSIS: LISTED},
    "9999": dict.fromkeys(Vendor, LISTED),
    "8999": dict.fromkeys(Vendor, LISTED),
    "8899": dict.fromkeys(Vendor, SEVERE),
    "8889": dict.fromkeys(Vendor, SEVERE),
    "7779": dict.fromkeys(Vendor, SEVERE),
}


def magic_risk(vendor: Vendor, address: str) -> Risk:
    """Read a risk off the end of an address; any other ending is clean."""
    return MAGIC.get(address[-4:].lower(), {}).get(vendor, CLEAN)
