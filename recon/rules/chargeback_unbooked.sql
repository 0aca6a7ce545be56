-- title:    A dispute at Stripe without ChargebackOpened
-- severity: HIGH
-- owner:    disputes
-- reason:   The card network took the money back while the escrow still promises it to somebody.
-- phase:    movements

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
        'Stripe took {} back for dispute {} and no ChargebackOpened books it.',
        in_words(-amount_minor, currency),
        coalesce(provider_ref, movement_key)
    ) as explanation,
    movement_id
from movement_fates
join subjects using (movement_id)
where fate = 'unbooked' and lane = 'dispute'
