-- title:    The provider moved money for which we have no event
-- severity: HIGH
-- owner:    payments
-- reason:   Money came that no escrow accounts for, or left without our asking.
-- phase:    movements
--
-- Own money never has an event. A dispute has its own code.

select
    rail,
    subject,
    provider_ref,
    0 as expected_minor,
    amount_minor as actual_minor,
    currency,
    created_at as occurred_at,
    movement_key as natural_key,
    case when is_carried then 0 else escrow_minor end as effect_minor,
    case when is_carried then 0 else -holding_minor end as alternative_minor,
    format(
        'The provider reports {} of {} under {} and no event books it.',
        coalesce(nullif(lane, 'custody'), case when amount_minor < 0 then 'a payment out' else 'a payment in' end),
        in_words(amount_minor, currency),
        coalesce(provider_ref, movement_key)
    ) as explanation,
    movement_id
from movement_fates
join subjects using (movement_id)
where fate = 'unbooked' and lane <> 'dispute'
