"""The buyer's bank: it takes some card payments back, and gives some of that again."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sims.world.people import Deal, Outside

HOUR = timedelta(hours=1)
REGRETS_AT_LAST, DECIDES_AT_LAST = timedelta(days=12), timedelta(days=25)


async def regret(deal: Deal, outside: Outside, random: Random) -> None:
    """Charge a payment back some time after it was made, and let the bank decide."""
    habits, clock = deal.habits, deal.house.clock
    if deal.is_on_chain or random.random() >= habits.is_charged_back:
        return
    after = HOUR * random.expovariate(1 / habits.is_charged_back_within_h)
    await clock.sleep(min(after, REGRETS_AT_LAST))
    page = await deal.house.look(deal.escrow_id)
    dispute = (
        await outside.charge_back(page.provider_ref) if page and page.provider_ref else None
    )
    if dispute is not None:
        after = HOUR * random.expovariate(1 / habits.bank_decides_within_h)
        await clock.sleep(min(after, DECIDES_AT_LAST))
        await outside.decide(dispute, is_won=random.random() < habits.bank_is_won_over)
