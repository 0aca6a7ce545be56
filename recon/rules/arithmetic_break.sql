-- title:    A provider row whose net is not gross minus fee
-- severity: HIGH
-- owner:    finance
-- reason:   The row contradicts itself, so nothing that is computed from it can be trusted.
-- phase:    movements

select
    movement.rail,
    subject,
    coalesce(movement.provider_ref, movement.movement_key) as provider_ref,
    event_id,
    movement.amount_minor - movement.fee_minor as expected_minor,
    movement.net_minor as actual_minor,
    movement.currency,
    movement.created_at as occurred_at,
    movement.movement_key as natural_key,
    case
        when movement.fate = 'matched' and booking.currency = movement.currency then escrow_minor - booking.net_minor
        when movement.fate = 'own' then escrow_minor
        else 0
    end as effect_minor,
    movement.amount_minor - movement.fee_minor - movement.net_minor as alternative_minor,
    format(
        'The row states net {} where gross minus fee is {}.',
        in_words(movement.net_minor, movement.currency),
        in_words(movement.amount_minor - movement.fee_minor, movement.currency)
    ) as explanation
from movement_fates as movement
join subjects using (movement_id)
left join bookings as booking using (booking_id)
where movement.rail = 'STRIPE'
    and movement.net_minor <> movement.amount_minor - movement.fee_minor
    and fate not in ('repeated', 'restated')
    and not movement.is_carried

union all by name

select
    'STRIPE' as rail,
    payout_id as subject,
    trace_id as provider_ref,
    gross_minor - fee_minor as expected_minor,
    net_minor as actual_minor,
    currency,
    effective_at as occurred_at,
    gross_minor - fee_minor - net_minor as alternative_minor,
    balance_transaction_id as natural_key,
    format(
        'Payout {} states net {} where gross minus fee is {}.',
        payout_id, in_words(net_minor, currency), in_words(gross_minor - fee_minor, currency)
    ) as explanation
from payout_fates
where net_minor <> gross_minor - fee_minor
    and not is_restated
    and effective_at >= day_start()
    and effective_at < day_end()
