-- Pair rows with bookings, from exact to suggestive. Each row and each booking is used once.
--
-- 1 provider_ref      the provider's id is the event's
-- 2 reversed_transfer a reversal's row carries the id of the transfer it takes back
-- 3 our_reference     the custodian kept our payment, transfer or refund id
-- 4 chain_ref         the same log entry of the same transaction
-- 5 only_candidate    the row has no reference at all, and exactly one booking fits it and nothing else
--
-- Where several fit and nothing decides, nobody wins: the row is ambiguous.

-- 1. A category we do not know has no lane: its row is held against every booking of that id.
create table same_ref as
select booking_id, movement_id
from bookings as booking
join movements as movement
    on movement.rail = booking.rail
    and movement.provider_ref = booking.provider_ref
    and coalesce(movement.lane, booking.lane) = booking.lane
where not is_further and not is_repeated;

-- Where several rows carry the id, one is the booking's and the others come after it.
create table by_provider_ref as
with

contested as (
    select
        booking_id,
        movement_id,
        row_number() over (
            partition by booking_id
            order by
                movement.lane is null,
                outcome = 'moved' desc,
                is_wrong_token,
                movement.amount_minor = booking.amount_minor desc,
                movement.created_at,
                movement_key
        ) as place
    from same_ref
    join bookings as booking using (booking_id)
    join movements as movement using (movement_id)
    where booking_id in (select booking_id from same_ref group by booking_id having count(*) > 1)
),

-- An earlier day has paired the booking with another row of the same id.
settled_before as (
    select distinct booking_id, movement_id
    from same_ref
    join bookings as booking using (booking_id)
    join movements as movement using (movement_id)
    join seen_rows as earlier
        on earlier.event_id = booking.event_id
        and earlier.row_key <> movement_key
)

select
    booking_id,
    movement_id,
    coalesce(contested.place, 1) as place,
    settled_before.booking_id is not null as is_settled_before
from same_ref
left join contested using (booking_id, movement_id)
left join settled_before using (booking_id, movement_id);

create table matches as
select booking_id, movement_id, 'provider_ref' as rule
from by_provider_ref
where place = 1 and not is_settled_before;

-- What the ids left, which is little on most days: it is set apart once, and every later pass looks there.
create table unpaired_bookings as
select *
from bookings
anti join matches using (booking_id)
where (is_of_day or is_carried) and not is_further;

create table unpaired_movements as
select * from movements anti join matches using (movement_id) where not is_repeated;

-- Bookings that wait for a row: those of the day, and what earlier days left waiting.
create view open_bookings as
select * from unpaired_bookings anti join matches using (booking_id);

create view open_movements as
select * from unpaired_movements anti join matches using (movement_id);

-- 2.
insert into matches
with

fitting as (
    select
        booking_id,
        movement_id,
        booking.amount_minor = movement.amount_minor as is_equal,
        count(*) over (partition by booking_id) as movements,
        count(*) over (partition by movement_id) as bookings
    from open_bookings as booking
    join open_movements as movement
        on movement.rail = booking.rail
        and movement.lane = booking.lane
        and movement.provider_ref = booking.reversed_ref
    where booking.lane = 'transfer_reversal'
),

-- Several parts of one transfer may be taken back: then the amount decides.
decided as (
    select
        booking_id,
        movement_id,
        count(*) over (partition by booking_id) as movements,
        count(*) over (partition by movement_id) as bookings
    from fitting
    where is_equal or (movements = 1 and bookings = 1)
)

select booking_id, movement_id, 'reversed_transfer' from decided where movements = 1 and bookings = 1;

-- 3. A failed row is an earlier attempt; it never stands for a booking that names another id.
insert into matches
select booking_id, movement_id, 'our_reference'
from open_bookings as booking
join open_movements as movement
    on movement.rail = booking.rail
    and movement.lane = booking.lane
    and movement.our_ref = booking.our_ref
where booking.lane = 'custody'
    and outcome <> 'failed'
    and sign(movement.amount_minor) = sign(booking.amount_minor)
qualify row_number() over (
        partition by booking_id
        order by outcome = 'moved' desc, is_wrong_token, movement.created_at, movement_key
    ) = 1
    and row_number() over (partition by movement_id order by place, event_id) = 1;

-- 4.
insert into matches
select booking_id, movement_id, 'chain_ref'
from open_bookings as booking
join open_movements as movement
    on movement.rail = booking.rail
    and movement.lane = booking.lane
    and movement.chain_id = booking.chain_id
    and movement.tx_hash = booking.tx_hash
    and movement.log_index = booking.log_index
where booking.lane = 'custody' and movement.our_ref is null
qualify row_number() over (partition by booking_id order by movement_key) = 1
    and row_number() over (partition by movement_id order by place, event_id) = 1;

-- 5. An id that is none of ours does not make a row fit a single booking; where it fits several, that
-- is worth saying.
create table fitting_bookings as
select
    movement_id,
    booking_id,
    movement.rail = 'CUSTODIAN' or movement.provider_ref is null as is_anonymous,
    count(*) over (partition by booking_id) as movements,
    count(*) over (partition by movement_id) as bookings
from open_movements as movement
join open_bookings as booking
    on movement.rail = booking.rail
    and movement.lane = booking.lane
    and movement.currency = booking.currency
    and movement.amount_minor = booking.amount_minor
    and coalesce(movement.escrow_id, booking.escrow_id) = booking.escrow_id
    and coalesce(movement.tx_hash = booking.tx_hash, true)
where not is_own
    and outcome = 'moved'
    and not is_wrong_token
    and case movement.rail when 'STRIPE' then movement.provider_ref is null or movement.escrow_id is null else movement.our_ref is null end;

insert into matches
select booking_id, movement_id, 'only_candidate'
from fitting_bookings
where movements = 1 and bookings = 1 and is_anonymous;

-- Rows that several bookings fit, and nothing decides.
create table ambiguous as
select movement_id, booking_id
from fitting_bookings
anti join matches using (movement_id)
where is_anonymous or bookings > 1
union
select movement_id, booking_id
from open_movements as movement
join open_bookings as booking
    on movement.rail = booking.rail
    and movement.lane = booking.lane
    and movement.provider_ref = booking.reversed_ref
    and movement.amount_minor = booking.amount_minor
where booking.lane = 'transfer_reversal'
union
-- Nor does a transaction that is none of ours decide between several bookings.
(
    select movement_id, booking_id
    from open_movements as movement
    join open_bookings as booking
        on movement.rail = booking.rail
        and movement.lane = booking.lane
        and movement.currency = booking.currency
        and movement.amount_minor = booking.amount_minor
    anti join fitting_bookings using (movement_id)
    where movement.lane = 'custody'
        and movement.our_ref is null
        and not is_own
        and outcome = 'moved'
        and not is_wrong_token
    qualify count(*) over (partition by movement_id) > 1
);

-- The provider moved the same thing again: under the same id, for the same reference of ours, or
-- for the same escrow with the same amount. What was paired, now or on an earlier day, is the first.
create table still_open as
select booking_id from open_bookings;

create table further_movements as
with

first_bookings as (
    select *
    from bookings
    anti join still_open using (booking_id)
    where not is_further
)

select movement_id, min_by(booking_id, preference) as booking_id
from (
    select movement_id, booking_id, 1 as preference
    from by_provider_ref
    where place > 1 or is_settled_before
    union all
    select movement_id, booking_id, 2
    from open_movements as movement
    join first_bookings as booking
        on movement.rail = booking.rail
        and movement.lane = booking.lane
        and movement.our_ref = booking.our_ref
        and sign(movement.amount_minor) = sign(booking.amount_minor)
    where booking.lane = 'custody'
        -- A buyer may send more to his address; we never send a transfer twice.
        and (booking.amount_minor < 0 or movement.amount_minor = booking.amount_minor)
    union all
    select movement_id, booking_id, 3
    from open_movements as movement
    join first_bookings as booking
        on movement.rail = booking.rail
        and movement.lane = booking.lane
        and movement.escrow_id = booking.escrow_id
        and movement.currency = booking.currency
        and movement.amount_minor = booking.amount_minor
    union all
    select movement_id, booking_id, 4
    from open_movements as movement
    join first_bookings as booking
        on movement.rail = booking.rail
        and movement.lane = booking.lane
        and movement.provider_ref = booking.reversed_ref
        and movement.amount_minor = booking.amount_minor
)
anti join matches using (movement_id)
anti join ambiguous using (movement_id)
group by movement_id;

-- What the platform said failed, and the provider moved all the same.
create table contradicted_failures as
select movement_id, event_id, failure.escrow_id, failure.occurred_at
from (
    select movement_id, event_id, failure.escrow_id, failure.occurred_at
    from open_movements as movement
    join failures as failure on movement.lane = 'custody' and movement.our_ref = failure.our_ref
    where outcome = 'moved' and not is_own
    union all
    select movement_id, event_id, failure.escrow_id, failure.occurred_at
    from open_movements as movement
    join failures as failure using (escrow_id)
    where movement.lane = failure.kind
) as failure
qualify row_number() over (
    partition by movement_id order by failure.occurred_at desc, failure.event_id
) = 1;
