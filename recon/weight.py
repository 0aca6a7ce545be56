"""What is looked into first: the gravest, of those the largest, of those the oldest."""

from __future__ import annotations

from decimal import Decimal

from recon.pages.amounts import in_major_units

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")  # the worst comes first


def weight(
    severity: str, difference_minor: int | None, currency: str | None
) -> tuple[int, Decimal]:
    """Sort the worst first: by severity, then by the amount in whole units."""
    difference = in_major_units(difference_minor, currency) or Decimal(0)
    # Copies are exact; arithmetic would round to the context's digits.
    return SEVERITIES.index(severity), difference.copy_abs().copy_negate()
