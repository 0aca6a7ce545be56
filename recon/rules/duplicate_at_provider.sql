-- title:    The provider moved the same thing twice
-- severity: HIGH
-- owner:    payments
-- reason:   Somebody was charged or paid a second time.
-- phase:    movements
--
-- One row is matched, the further one is reported.

select
    rail,
    subject,
    provider_ref,
    0 as expected_minor,
    amount_minor as actual_minor,
    currency,
    created_at as occurred_at,
    movement_key as natural_key,
    escrow_minor as effect_minor,
    -holding_minor as alternative_minor,
    format(
        'The provider moved {} again as {} ({}).', in_words(amount_minor, currency), provider_ref, movement_key
    ) as explanation
from movement_fates
join subjects using (movement_id)
where fate = 'further'
