-- What a day's reconciliation needs of the archive: whole histories, up to the end of the day.

create table archived as
select distinct on (topic, "partition", "offset") *
from archive
where topic in ('escrow.events.v1', 'payments.events.v1')
order by topic, "partition", "offset";

-- An escrow ends with its release, its cancellation, or its refund where no part is left to release.
create table closed_before as
with

before as (
    select
        aggregate_id,
        event_type,
        payload ->> '$.resolution' as resolution,
        occurred_at,
        aggregate_version
    from archived
    where topic = 'escrow.events.v1'
        and occurred_at < $day_start
        and event_type <> 'EscrowRefusedCommand'
),

latest as (
    select
        aggregate_id,
        arg_max(event_type, aggregate_version) as event_type,
        bool_or(resolution = 'SPLIT') as is_split,
        bool_or(event_type = 'EscrowReleased') as is_released
    from before
    group by aggregate_id
)

select aggregate_id
from latest
where event_type in ('EscrowReleased', 'EscrowCancelled')
    or (event_type = 'EscrowRefunded' and (is_released or not coalesce(is_split, false)));

-- Balances at the start of the day, each movement once.
create table opening_balances as
with

movements as (
    select distinct on (event_type, ref)
        aggregate_id,
        coalesce(payload ->> '$.provider_ref', payload ->> '$.dispute_ref') as ref,
        event_type,
        cast(payload ->> '$.amount.minor' as decimal(38, 0)) as amount_minor,
        payload ->> '$.dispute_ref' as dispute_ref
    from archived
    where topic = 'payments.events.v1'
        and occurred_at < $day_start
        and (
            event_type in (
                'PaymentSucceeded', 'TransferSucceeded', 'TransferReversed', 'RefundSucceeded', 'RefundReversed',
                'ChargebackOpened'
            )
            or (event_type = 'DepositArrived' and (payload ->> '$.amount.minor') is not null)
            or (event_type = 'ChargebackClosed' and payload ->> '$.outcome' = 'WON')
        )
    order by event_type, ref, occurred_at, "offset"
)

select
    aggregate_id,
    sum(
        case movement.event_type
            -- On chain a payment is booked when it arrives, and once.
            when 'PaymentSucceeded' then if(deposit.ref is null, movement.amount_minor, 0)
            when 'DepositArrived' then movement.amount_minor
            when 'RefundReversed' then movement.amount_minor
            when 'TransferReversed' then movement.amount_minor
            when 'ChargebackClosed' then opened.amount_minor
            else -movement.amount_minor
        end
    ) as balance_minor
from movements as movement
left join (
    select dispute_ref, any_value(amount_minor) as amount_minor
    from movements
    where event_type = 'ChargebackOpened'
    group by dispute_ref
) as opened on opened.dispute_ref = movement.dispute_ref
left join (
    select ref from movements where event_type = 'DepositArrived'
) as deposit on deposit.ref = movement.ref
group by aggregate_id;

create table wanted as
select distinct aggregate_id
from archived
where occurred_at < $day_end
    and (
        occurred_at >= $day_start - interval 24 hours
        or (topic = 'escrow.events.v1' and aggregate_id not in (from closed_before))
        or aggregate_id in (select aggregate_id from opening_balances where balance_minor <> 0)
    );

create table extract as
select *
from archived
where occurred_at < $day_end and aggregate_id in (from wanted)
order by topic, "partition", "offset";

-- The offsets of the day itself. A record of another day in between divides the range; an offset
-- that the archive does not have does not, so that the hole is seen.
create table day_ranges as
with

spans as (
    select topic, "partition", min("offset") as first_offset, max("offset") as last_offset
    from extract
    where occurred_at >= $day_start
    group by topic, "partition"
),

foreign_offsets as (
    select topic, "partition", "offset"
    from archived
    join spans using (topic, "partition")
    anti join extract using (topic, "partition", "offset")
    where "offset" between first_offset and last_offset
),

borders as (
    select topic, "partition", first_offset - 1 as border from spans
    union all
    select topic, "partition", last_offset + 1 from spans
    union all
    select topic, "partition", "offset" from foreign_offsets
),

between_borders as (
    select
        topic,
        "partition",
        border + 1 as first_offset,
        lead(border) over (partition by topic, "partition" order by border) - 1 as last_offset
    from borders
)

select *
from between_borders
where first_offset <= last_offset
order by topic, "partition", first_offset;
