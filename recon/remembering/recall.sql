-- What earlier days left for this one.

-- Every trace that a payout has had: a restated one may be at the bank under an earlier one.
create table earlier_traces as
select distinct row_key as balance_transaction_id, provider_ref as trace_id
from kept.rows
where source = 'PAYOUT' and business_date < $day and provider_ref is not null;

create table carried_movements as
select *
from kept.movements
where business_date = (select max(business_date) from kept.runs where business_date < $day);

create table carried_bookings as
select *
from kept.bookings
where business_date = (select max(business_date) from kept.runs where business_date < $day);

-- Of all the rows ever seen only those that this day's exports or bookings name again: a day costs the
-- same after a year as in its first week. Payouts are few, and the bank may name an old one.
create table seen_rows as
with

named_events as (
    select event_id from escrow_events
    union all
    select event_id from carried_bookings
),

named_rows as (
    select balance_transaction_id as row_key from stripe_activity
    union all
    select custodian_tx_id from custodian_transactions
    union all
    select row_key from kept.rows where event_id in (from named_events)
)

select *
from kept.rows
where business_date < $day and (source = 'PAYOUT' or row_key in (from named_rows))
qualify row_number() over (partition by source, row_key order by business_date desc) = 1;

-- What people settled is no longer open, unless a later day has found it again. To carry it is not to
-- find it: people sign after the next day has run.
create table carried_discrepancies as
with

settled as (
    select discrepancy_id, max(business_date) as settled_on
    from kept.resolutions
    where business_date < $day
    group by discrepancy_id
),

last_found as (
    select discrepancy_id, max(business_date) as found_on
    from kept.discrepancies
    anti join kept.carried using (business_date, discrepancy_id)
    where business_date < $day
    group by discrepancy_id
)

select
    latest.* replace (
        case when settled_on >= found_on then 'RESOLVED' else latest.state end as state
    )
from kept.discrepancies as latest
left join settled on settled.discrepancy_id = latest.discrepancy_id
left join last_found on last_found.discrepancy_id = latest.discrepancy_id
where latest.business_date < $day
qualify row_number() over (partition by latest.discrepancy_id order by latest.business_date desc) = 1;

-- What this very day has left before, where it is run again.
create table replaced_runs as
select * from kept.history where business_date = $day;

create table replaced_discrepancies as
select * from kept.discrepancies where business_date = $day;
