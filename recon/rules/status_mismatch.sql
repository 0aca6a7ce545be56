-- title:    We say succeeded and the provider says failed, or the other way round
-- severity: CRITICAL
-- owner:    payments
-- reason:   Somebody believes that he was paid and was not, or was paid while we try again.
-- phase:    movements

select
    rail,
    escrow_id as subject,
    provider_ref,
    event_id,
    amount_minor as expected_minor,
    0 as actual_minor,
    currency,
    greatest(occurred_at, row_created_at) as occurred_at,
    case when is_carried and is_row_carried then 0 else row_escrow_minor - net_minor end as effect_minor,
    format(
        '{} of {} is {} at the provider.', event_type, in_words(amount_minor, currency), row_status
    ) as explanation
from booking_fates
where fate = 'contradicted'

union all by name

select
    rail,
    subject,
    provider_ref,
    failure_event_id as event_id,
    0 as expected_minor,
    amount_minor as actual_minor,
    currency,
    created_at as occurred_at,
    case when is_carried then 0 else escrow_minor end as effect_minor,
    format(
        'We say that {} failed and the provider moved {}.', provider_ref, in_words(amount_minor, currency)
    ) as explanation
from movement_fates
join subjects using (movement_id)
where fate = 'contradicts_failure'
