-- title:    A custodian transfer went to another address than the event's destination
-- severity: CRITICAL
-- owner:    treasury
-- reason:   The money left, and the seller does not have it.
-- phase:    movements

select
    rail,
    escrow_id as subject,
    provider_ref,
    event_id,
    amount_minor as expected_minor,
    row_amount_minor as actual_minor,
    currency,
    greatest(occurred_at, row_created_at) as occurred_at,
    0 as effect_minor,
    format(
        '{} went to {}, the event says {}.', provider_ref, row_to_address, destination
    ) as explanation
from booking_fates
where fate in ('settled', 'unconfirmed')
    and rail = 'CUSTODIAN'
    and kind = 'transfer'
    and destination <> row_to_address
