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
    -- What the network gave back of it is priced by no event either.
    case when is_carried then 0 else escrow_minor end + coalesce(given_back_minor, 0) as effect_minor,
    case when is_carried then 0 else -holding_minor end as alternative_minor,
    format(
        'Stripe took {} back for dispute {} and no ChargebackOpened books it.',
        in_words(-amount_minor, currency),
        coalesce(provider_ref, movement_key)
    ) as explanation,
    movement_id
from movement_fates
join subjects using (movement_id)
left join (
    select provider_ref, sum(row_escrow_minor) as given_back_minor
    from booking_fates
    where kind = 'dispute_reversal' and amount_minor is null
    group by provider_ref
) as given_back using (provider_ref)
where fate = 'unbooked' and lane = 'dispute'
