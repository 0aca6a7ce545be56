-- title:    An event that the escrow's state does not allow
-- severity: HIGH
-- owner:    escrow
-- reason:   The decider was wrong or was bypassed; every later event rests on it.
-- phase:    movements
--
-- By the table of transitions. EscrowReleased and EscrowRefunded announce a payment: they are
-- judged by that payment, which is judged by the state. What a hole in the versions may excuse,
-- or a negative balance already tells, is not told again.

with

paid as (
    select escrow_id, our_ref from bookings where kind in ('transfer', 'refund')
    union
    select escrow, dispute_ref from day_events where event_type = 'ChargebackClosed' and outcome = 'LOST'
),

announced as (
    select
        walked.*,
        row_number() over (partition by escrow, event_type, our_ref order by place) as announcement
    from walked
    where event_type in ('EscrowReleased', 'EscrowRefunded')
),

-- A row without its event has lost the payment that was announced.
unbooked as (
    select subject as escrow, our_ref
    from movement_fates
    join subjects using (movement_id)
    where fate = 'unbooked'
),

illegal as (
    select escrow, event_id, event_type, from_state, occurred_at
    from announced
    where announcement > 1
        or (
            not exists (
                from paid where paid.escrow_id = announced.escrow and paid.our_ref = announced.our_ref
            )
            and not exists (
                from unbooked where unbooked.escrow = announced.escrow or unbooked.our_ref = announced.our_ref
            )
        )
    union all
    select escrow, event_id, event_type, from_state, occurred_at
    from walked
    where not is_legal
        and event_type not in ('EscrowReleased', 'EscrowRefunded')
        and not (
            event_type in ('TransferSucceeded', 'RefundSucceeded')
            and escrow in (select escrow_id from balances where closing_minor < 0)
        )
)

select
    escrows.rail,
    escrow as subject,
    illegal.event_id,
    illegal.occurred_at,
    format(
        '{} came while the escrow was {}.', event_type, coalesce(nullif(from_state, ''), 'not created')
    ) as explanation
from illegal
left join escrows using (escrow)
where illegal.occurred_at >= day_start()
    and not exists (
        from version_gaps as gap
        where gap.escrow = illegal.escrow and gap.previous_at <= illegal.occurred_at
    )
