-- Walk every escrow through its events by the table of transitions, all escrows in step.
--
-- An event that is not in the table is illegal. Out of an ended state it changes nothing; elsewhere
-- its own target is taken for the state, so that one wrong event is not reported over and over.

create table version_gaps as
with

-- Versions that count from 1 without a hole end with their own number.
broken as (
    select topic, aggregate_id
    from (select distinct topic, aggregate_id, aggregate_version from day_events)
    group by topic, aggregate_id
    having max(aggregate_version) <> count(*) or min(aggregate_version) <> 1
)

select
    event_id,
    escrow,
    topic,
    aggregate_version,
    coalesce(lag(aggregate_version) over by_version, 0) as previous_version,
    occurred_at,
    coalesce(lag(occurred_at) over by_version, timestamp '0001-01-01 00:00:00') as previous_at
from day_events
semi join broken using (topic, aggregate_id)
window by_version as (partition by topic, aggregate_id order by aggregate_version, "offset")
qualify aggregate_version - coalesce(lag(aggregate_version) over by_version, 0) > 1;

create table steps as
with

charged_back as (
    select escrow, min(occurred_at) as opened_at
    from day_events
    where event_type = 'ChargebackOpened'
    group by escrow
)

select
    escrow,
    event_id,
    event_type,
    coalesce(transfer_id, refund_id) as our_ref,
    occurred_at,
    event_type || case
        when event_type = 'EscrowDisputeResolved' and resolution in ('SPLIT', 'RESUME') then ':' || resolution
        -- The card network, compliance or a payout that cannot be made interrupts anything.
        when event_type = 'EscrowDisputed'
            and (opened_at <= occurred_at or raised_by in ('compliance', 'payouts')) then ':IMPOSED'
        -- A part that moved at the provider opens a dispute over the rest, which goes on.
        when event_type = 'EscrowRefunded'
            and lag(event_type) over told = 'EscrowDisputed' and lag(raised_by) over told = 'payouts'
            and amount_minor < max(amount_minor) filter (where event_type = 'EscrowCreated') over all_of_it
            then ':PART'
        else ''
    end as signal,
    row_number() over told as place
from day_events
left join charged_back using (escrow)
where event_type in (select split_part(event, ':', 1) from transitions)
    and event_id not in (select event_id from bookings where is_further)
window
    told as (partition by escrow order by occurred_at, topic desc, aggregate_version, "offset"),
    all_of_it as (partition by escrow);

create table walked as
with recursive

targets as (
    select split_part(event, ':', 1) as event_type, min(next_state) as target
    from transitions
    where next_state not in ('(same)', '(before)') and event not like '%:%'
    group by all
),

-- What the table says to each signal in each state; of a signal with a mark, what is said to the mark counts.
answers as (
    select
        state,
        signal,
        coalesce(max(next_state) filter (where event = signal), max(next_state)) as next_state
    from transitions
    join (select distinct signal, event_type from steps) as told on event in (signal, event_type)
    group by state, signal
),

walk as (
    select distinct
        escrow,
        0::bigint as place,
        null::varchar as event_id,
        null::varchar as event_type,
        null::varchar as our_ref,
        ''::varchar as state,
        ''::varchar as from_state,
        ''::varchar as before,
        null::timestamp as since,
        null::timestamp as occurred_at,
        true as is_legal
    from steps

    union all

    select
        escrow,
        step.place,
        step.event_id,
        step.event_type,
        step.our_ref,
        case
            when next_state = '(before)' then coalesce(nullif(split_part(before, '/', -1), ''), 'FUNDS_HELD')
            when next_state = '(same)' then walk.state
            when next_state is not null then next_state
            when walk.state in ('RELEASED', 'REFUNDED', 'CANCELLED') then walk.state
            when step.event_type = 'EscrowDisputeResolved' then walk.state
            else coalesce(target, walk.state)
        end,
        walk.state,
        case
            when step.event_type = 'EscrowDisputed' and next_state is not null then before || '/' || walk.state
            when next_state = '(before)'
                then left(before, greatest(length(before) - length(split_part(before, '/', -1)) - 1, 0))
            else before
        end,
        case when next_state = '(same)' then walk.since else step.occurred_at end,
        step.occurred_at,
        next_state is not null
    from walk
    join steps as step using (escrow)
    left join answers on answers.state = walk.state and answers.signal = step.signal
    left join targets on targets.event_type = step.event_type
    where step.place = walk.place + 1
)

select * from walk where place > 0;

-- Where each escrow stands at the end of the day.
create table standings as
select
    escrow,
    max_by(state, place) as state,
    max_by(since, place) as since
from walked
group by escrow;
