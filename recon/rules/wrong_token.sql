-- title:    A custodian row with another token contract or chain
-- severity: CRITICAL
-- owner:    treasury
-- reason:   A token that calls itself USDC is worth nothing to the escrow it was paid for.
-- phase:    movements
--
-- A token that the platform has sent back is answered, and so is the row that took it back.

select
    movement.rail,
    subject,
    movement.provider_ref,
    event_id,
    coalesce(booking.amount_minor, 0) as expected_minor,
    0 as actual_minor,
    coalesce(booking.currency, movement.currency) as currency,
    movement.created_at as occurred_at,
    movement.movement_key as natural_key,
    escrow_minor - coalesce(booking.net_minor, 0) as effect_minor,
    case when outcome = 'moved' then movement.amount_minor else 0 end as alternative_minor,
    format(
        '{} is a token of another contract or chain ({}), not USDC on Base.',
        movement.provider_ref, coalesce(movement.chain_id, 'no chain')
    ) as explanation
from movement_fates as movement
join subjects using (movement_id)
left join bookings as booking using (booking_id)
where fate = 'wrong_token'
    and not exists (
        from day_events as returned
        where returned.event_type = 'DepositReturned'
            and movement.provider_ref in (returned.deposit_ref, returned.provider_ref)
    )
