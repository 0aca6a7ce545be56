-- title:    More went out of an escrow than came in
-- severity: CRITICAL
-- owner:    payments
-- reason:   The difference was paid with the money of somebody else's escrow.
-- phase:    movements
--
-- On the day of the movement that did it. A refund after a release has its own code.

select
    rail,
    escrow_id as subject,
    last_provider_ref as provider_ref,
    last_event_id as event_id,
    0 as expected_minor,
    closing_minor as actual_minor,
    currency,
    last_at as occurred_at,
    escrow_id as natural_key,
    least(closing_minor, 0) - least(opening_minor, 0) as effect_minor,
    format(
        'The escrow paid out {} more than it received.', in_words(-closing_minor, currency)
    ) as explanation
from balances
join last_movements using (escrow_id, rail, currency)
anti join refunds_not_clawed_back using (escrow_id)
where closing_minor < 0 and last_at >= day_start()
