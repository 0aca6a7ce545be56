"""L5: money of a sanctioned wallet is where it was, and nothing was sent to one.

A seller whose wallet is risky is not paid either; what such a buyer sent goes back to them.
"""

from __future__ import annotations

from collections import Counter

from sims.laws.books import lines, on_chain, usdc_id, wallet_name
from sims.laws.law import Complaints
from sims.world.platform import Platform
from sims.world.wallets import RISKY, SANCTIONED
from toolkit.payments.custodian_facts import Purpose


def at_rest(platform: Platform) -> Complaints:
    frozen: Counter[str] = Counter()
    for envelope, line in lines(platform):
        if line.account.startswith("frozen:"):
            frozen[envelope.key] -= line.minor
            if line.minor > 0:
                yield f"{line.account} paid out {line.minor}"
    held: Counter[str] = Counter()
    to_freeze: Counter[str] = Counter()
    usdc = usdc_id(platform)
    for row in on_chain(platform):
        if row.token_id == usdc:
            units = row.base_units if row.is_inbound else -row.base_units
            held[wallet_name(platform, row)] += units
        if row.is_inbound and row.token_id == usdc and row.source.endswith(SANCTIONED):
            to_freeze[wallet_name(platform, row)] += row.base_units
        if not row.is_inbound and row.destination.endswith(SANCTIONED):
            yield f"{row.base_units} went to the sanctioned {row.destination}"
        is_payout = row.ref_id.startswith(f"{Purpose.TRANSFER}:")
        if is_payout and row.destination.endswith(RISKY):
            yield f"{row.base_units} were paid to the risky {row.destination}"
    for escrow_id, minor in to_freeze.items():
        if frozen[escrow_id] < minor:
            yield f"{minor} of {escrow_id} came from a sanctioned wallet, and went free"
    for escrow_id, minor in frozen.items():
        if held[escrow_id] < minor:
            yield f"{minor} of {escrow_id} are frozen, and {held[escrow_id]} are there"
