-- title:    We say succeeded and the custodian is not final after six hours
-- severity: MEDIUM
-- owner:    treasury
-- reason:   A transaction that is stuck may still fail after the escrow was closed.
-- phase:    movements

select
    rail,
    escrow_id as subject,
    provider_ref,
    event_id,
    amount_minor as expected_minor,
    0 as actual_minor,
    currency,
    occurred_at,
    case when is_carried and is_row_carried then 0 else row_escrow_minor - net_minor end as effect_minor,
    format(
        '{} of {} is still {} at the custodian.', event_type, in_words(amount_minor, currency), row_status
    ) as explanation
from booking_fates
where fate = 'unconfirmed'
