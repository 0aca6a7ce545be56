-- title:    A provider row seen before, now with other values
-- severity: HIGH
-- owner:    finance
-- reason:   A closed day was rewritten; what was signed for it no longer holds.
-- phase:    movements
--
-- The restatement covers whatever follows from it.

select
    movement.rail,
    subject,
    coalesce(movement.provider_ref, movement.movement_key) as provider_ref,
    booking.event_id,
    seen.amount_minor as expected_minor,
    movement.amount_minor as actual_minor,
    movement.currency,
    movement.created_at as occurred_at,
    movement.movement_key || ' ' || printed.fingerprint as natural_key,
    escrow_minor as effect_minor,
    -- The stated figures may leave the change out, or count the whole row again.
    -movement.holding_minor as alternative_minor,
    movement.currency as other_currency,
    seen.holding_minor as other_alternative_minor,
    format(
        '{} was final with {} on an earlier day and now has other values ({}).',
        movement.movement_key,
        in_words(seen.amount_minor, movement.currency),
        in_words(movement.amount_minor, movement.currency)
    ) as explanation
from movement_fates as movement
join subjects using (movement_id)
join seen_rows as seen on seen.source = movement.rail and seen.row_key = movement.movement_key
join fingerprints as printed on printed.source = movement.rail and printed.row_key = movement.movement_key
left join bookings as booking using (booking_id)
where fate = 'restated'

union all by name

select
    'STRIPE' as rail,
    payout_id as subject,
    coalesce(trace_id, payout_id) as provider_ref,
    seen.amount_minor as expected_minor,
    payout.gross_minor as actual_minor,
    payout.currency,
    effective_at as occurred_at,
    balance_transaction_id || ' ' || payout.fingerprint as natural_key,
    format(
        'Payout {} was final with {} on an earlier day and now has other values ({}).',
        payout_id, in_words(seen.amount_minor, payout.currency), in_words(payout.gross_minor, payout.currency)
    ) as explanation
from payout_fates as payout
join seen_rows as seen on seen.source = 'PAYOUT' and seen.row_key = payout.balance_transaction_id
where is_restated_today
