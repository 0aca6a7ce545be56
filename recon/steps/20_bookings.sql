-- One row for every movement of money that the platform booked, signed as at the provider.
--
-- Events of the day are expected to have a provider row. Earlier ones serve to match late rows;
-- with `--state` those that were still waiting are expected as well.

-- Kafka delivers at least once: the same event id again is the same event.
create table redelivered as
select rowid as row
from escrow_events
where event_id in (select event_id from escrow_events group by event_id having count(*) > 1)
qualify row_number() over (
    partition by event_id order by occurred_at, topic, "partition", "offset"
) > 1;

create view day_events as
select *
from escrow_events
where occurred_at < day_end() and rowid not in (select row from redelivered);

create table escrows as
select
    escrow,
    min_by(rail, occurred_at) as rail,
    min_by(amount_minor, occurred_at) as amount_minor,
    min_by(currency, occurred_at) as currency,
    min(occurred_at) as created_at
from day_events
where event_type = 'EscrowCreated'
group by escrow;

create table disputed as
select dispute_ref, min_by(amount_minor, occurred_at) as amount_minor, any_value(currency) as currency
from day_events
where event_type = 'ChargebackOpened'
group by dispute_ref;

create table known_bookings as
with

-- On chain a payment is booked when it arrives; that it may be held moves nothing further.
held as (
    select arg_min(event_id, occurred_at) as event_id
    from day_events
    where event_type = 'PaymentSucceeded'
        and provider_ref in (select provider_ref from day_events where event_type = 'DepositArrived')
    group by provider_ref
),

money as (
    select
        event.*,
        case event_type
            when 'PaymentSucceeded'  then 'charge'
            when 'DepositArrived'    then 'charge'
            when 'TransferSucceeded' then 'transfer'
            when 'TransferReversed'  then 'transfer_reversal'
            when 'RefundSucceeded'   then 'refund'
            when 'RefundReversed'    then 'refund_failure'
            when 'ChargebackOpened'  then 'dispute'
            when 'ChargebackClosed'  then 'dispute_reversal'
        end as kind,
        case event_type
            when 'PaymentSucceeded'  then event.amount_minor
            when 'DepositArrived'    then event.amount_minor
            when 'TransferSucceeded' then -event.amount_minor
            when 'TransferReversed'  then event.amount_minor
            when 'RefundSucceeded'   then -event.amount_minor
            when 'RefundReversed'    then event.amount_minor
            when 'ChargebackOpened'  then -event.amount_minor
            when 'ChargebackClosed'  then disputed.amount_minor
        end as signed_minor,
        coalesce(event.currency, disputed.currency) as booked_currency
    from day_events as event
    left join disputed using (dispute_ref)
    where event_id not in (from held)
        and (
            event_type in (
                'PaymentSucceeded', 'TransferSucceeded', 'TransferReversed', 'RefundSucceeded', 'RefundReversed',
                'ChargebackOpened'
            )
            -- A token that is no money of ours is in no book; its row tells what it is.
            or (event_type = 'DepositArrived' and event.amount_minor is not null)
            or (event_type = 'ChargebackClosed' and outcome = 'WON')
        )
),

booked as (
    select
        event_id,
        escrow as escrow_id,
        event_type,
        kind,
        coalesce(
            money.rail, escrows.rail, case booked_currency when 'USDC' then 'CUSTODIAN' else 'STRIPE' end
        ) as rail,
        coalesce(provider_ref, dispute_ref) as provider_ref,
        coalesce(transfer_id, refund_id, payment_id) as our_ref,
        transfer_id,
        payment_id,
        coalesce(booked_currency, escrows.currency) as currency,
        signed_minor as amount_minor,
        -- The message of a chargeback has no fee, and none is expected.
        case when kind not in ('dispute', 'dispute_reversal') then fee_minor end as fee_minor,
        destination,
        money.chain_id,
        tx_hash,
        log_index,
        occurred_at,
        topic,
        "partition",
        "offset",
        false as is_carried
    from money
    left join escrows using (escrow)
)

-- An earlier day's booking that still waits for its row. Where the extract has the event too,
-- the waiting one is the same booking.
select booked.* replace (waiting.event_id is not null as is_carried), true as is_extracted
from booked
left join carried_bookings as waiting using (event_id);

insert into known_bookings by name
select waiting.* exclude (business_date), true as is_carried, false as is_extracted
from carried_bookings as waiting
anti join known_bookings using (event_id);

-- The same movement under a second event id: the later one is the further one.
create table booked_again as
select rowid as booking_id
from known_bookings
where provider_ref in (select provider_ref from known_bookings group by provider_ref having count(*) > 1)
qualify row_number() over (
    partition by rail, kind, provider_ref order by occurred_at, topic, "partition", "offset", event_id
) > 1;

-- The transfer that a reversal takes back; its row may carry either id.
create table reversed as
select reversal.rowid as booking_id, min(transfer.provider_ref) as reversed_ref
from known_bookings as reversal
join known_bookings as transfer using (escrow_id, transfer_id)
where reversal.kind = 'transfer_reversal' and transfer.kind = 'transfer'
group by reversal.rowid;

-- The number only tells bookings apart; what came first is told by `place`. A view, so that what
-- is wide is kept once.
create view bookings as
select
    known_bookings.rowid as booking_id,
    (epoch_us(occurred_at)::hugeint << 48) + "offset" as place,
    known_bookings.*,
    case when rail = 'CUSTODIAN' then 'custody' else kind end as lane,
    amount_minor - coalesce(fee_minor, 0) as net_minor,
    occurred_at >= day_start() as is_of_day,
    occurred_at >= day_start() and occurred_at < day_start() + cut_off() as is_early,
    booked_again.booking_id is not null as is_further,
    reversed_ref
from known_bookings
left join booked_again on booked_again.booking_id = known_bookings.rowid
left join reversed on reversed.booking_id = known_bookings.rowid;

-- What we said failed, where that is our latest word on the payment, transfer or refund.
create table failures as
with

words as (
    select
        event_id,
        escrow as escrow_id,
        occurred_at,
        case
            when event_type in ('PaymentFailed', 'PaymentSucceeded') then 'charge'
            when event_type in ('TransferFailed', 'TransferSucceeded') then 'transfer'
            else 'refund'
        end as kind,
        coalesce(transfer_id, refund_id, payment_id) as our_ref,
        event_type in ('PaymentFailed', 'TransferFailed', 'RefundFailed') as is_failure,
        topic,
        "partition",
        "offset"
    from day_events
    where event_type in (
            'PaymentFailed', 'PaymentSucceeded', 'TransferFailed', 'TransferSucceeded', 'RefundFailed', 'RefundSucceeded'
        )
        and escrow in (
            select escrow from day_events where event_type in ('PaymentFailed', 'TransferFailed', 'RefundFailed')
        )
)

select event_id, escrow_id, occurred_at, kind, our_ref
from words
qualify row_number() over (
        partition by kind, our_ref order by occurred_at desc, topic desc, "partition" desc, "offset" desc
    ) = 1
    and is_failure;
