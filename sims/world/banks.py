"""The buyer's bank: it takes some card payments back, and gives some of that again."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sims.world.people import Deal, Outside

HOUR = timedelta(hours=1)


async def regret(deal: Deal, outside: Outside, random: Random) -> None:
    """Charge a payment back some time after it was made, and let the bank decide."""
    habits, clock = deal.habits, deal.house.clock
    if deal.is_on_chain or random.random() >= habits.is_charged_back:
        return
    await clock.sleep(HOUR * random.expovariate(1 / habits.is_charged_back_within_h))
    page = await deal.house.look(deal.escrow_id)
    dispute = (
        await outside.charge_back(page.provider_ref) if page and page.provider_ref else None
    )
    if dispute is not None:
        await clock.sleep(HOUR * random.expovariate(1 / habits.bank_decides_within_h))
        await outside.decide(dispute, is_won=random.random() < habits.bank_is_won_over)
