-- title:    A reporting category or status that we do not know
-- severity: MEDIUM
-- owner:    finance
-- reason:   Providers add kinds of movements; until somebody says what it is, it is not ours.
-- phase:    movements

select
    movement.rail,
    subject,
    coalesce(movement.provider_ref, movement.movement_key) as provider_ref,
    event_id,
    coalesce(booking.amount_minor, 0) as expected_minor,
    movement.amount_minor as actual_minor,
    movement.currency,
    movement.created_at as occurred_at,
    movement.movement_key as natural_key,
    escrow_minor - coalesce(booking.net_minor, 0) as effect_minor,
    -- Stripe's row was counted, and may be no part of what is stated; the custodian's was not, and may be.
    case movement.rail when 'STRIPE' then -holding_minor else movement.amount_minor - holding_minor end as alternative_minor,
    format(
        '{} of {} has {} {}, which we do not know.',
        coalesce(movement.provider_ref, movement.movement_key),
        in_words(movement.amount_minor, movement.currency),
        case movement.rail when 'STRIPE' then 'the category' else 'the status' end,
        category_or_status
    ) as explanation
from movement_fates as movement
join subjects using (movement_id)
left join bookings as booking using (booking_id)
where fate = 'unknown' and not movement.is_carried

union all by name

select
    'STRIPE' as rail,
    payout_id as subject,
    coalesce(trace_id, payout_id) as provider_ref,
    0 as expected_minor,
    gross_minor as actual_minor,
    currency,
    effective_at as occurred_at,
    balance_transaction_id as natural_key,
    format(
        'Payout {} has category {} and status {}, which we do not know.', payout_id, category, status
    ) as explanation
from payout_fates
where not is_known
    and not is_restated
    and effective_at >= day_start()
    and effective_at < day_end()

union all by name

-- A figure of the summary that no equation adds up; parts of the stated four are known.
select
    'STRIPE' as rail,
    account as subject,
    category as provider_ref,
    0 as expected_minor,
    net_minor as actual_minor,
    currency,
    day_end() as occurred_at,
    concat_ws(' ', 'summary', category, currency) as natural_key,
    net_minor as alternative_minor,
    format(
        'The summary states {} under the category {}, which we do not know.', in_words(net_minor, currency), category
    ) as explanation
from stripe_summary
where net_minor <> 0
    and category not in (
        'starting_balance', 'activity', 'payouts', 'ending_balance', 'activity_gross', 'activity_fee',
        'payouts_gross', 'payouts_fee'
    )
