-- title:    An escrow that stayed too long where a timer should have moved it
-- severity: MEDIUM
-- owner:    escrow
-- reason:   A lost timer keeps somebody's money, and no provider row will ever show it.
-- phase:    movements
--
-- A condition, judged at the end of the day from the state's event. A transfer that succeeded and
-- has no EscrowReleased yet is pending.

with

late as (
    select *
    from standings
    where case state
        when 'AWAIT_FUNDS' then since < day_end() - funding_limit()
        when 'DELIVERED' then since < day_end() - acceptance_limit()
        else false
    end
),

last_events as (
    select escrow, max_by(event_id, (occurred_at, topic, aggregate_version)) as event_id
    from day_events
    semi join late using (escrow)
    group by escrow
),

pending as (
    select escrow_id
    from bookings as transfer
    where kind = 'transfer'
        and not is_further
        and escrow_id in (select escrow from late)
        and not exists (
            from day_events as released
            where released.event_type = 'EscrowReleased'
                and released.escrow = transfer.escrow_id
                and released.transfer_id = transfer.transfer_id
        )
),

-- A hole in the versions may hide the transition that is asked for.
hidden as (
    select escrow
    from version_gaps
    join late using (escrow)
    where version_gaps.topic like 'escrow.%' and version_gaps.occurred_at >= since
)

select
    escrows.rail,
    escrow as subject,
    last_events.event_id,
    since as occurred_at,
    concat_ws(' ', escrow, state, since) as natural_key,
    format('The escrow is in {} since {}.', state, strftime(since, '%Y-%m-%dT%H:%M:%SZ')) as explanation
from late
join last_events using (escrow)
left join escrows using (escrow)
where escrow not in (select escrow from hidden)
    and (state <> 'DELIVERED' or escrow not in (select escrow_id from pending))
