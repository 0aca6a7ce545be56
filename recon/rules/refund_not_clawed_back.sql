-- title:    Refunded after a transfer, and the transfer was not reversed
-- severity: CRITICAL
-- owner:    payments
-- reason:   Buyer and seller both have the money, and the platform paid one of them.
-- phase:    movements
--
-- A split is never this, however its parts add up.

select
    rail,
    escrow_id as subject,
    provider_ref,
    event_id,
    amount_minor as expected_minor,
    0 as actual_minor,
    currency,
    occurred_at,
    effect_minor,
    format(
        'The refund of {} followed a transfer that was not reversed.', in_words(-amount_minor, currency)
    ) as explanation
from refunds_not_clawed_back
where is_of_day
