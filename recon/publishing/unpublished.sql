-- The published relations of a day whose inputs are incomplete: nothing but what is wrong with them.

create table reported as
select
    found.* exclude (booking_id, movement_id),
    as_of() as first_seen,
    null::varchar as nearest_candidate,
    'OPEN' as state,
    true as is_new,
    greatest(date_diff('hour', day_end(), as_of()), 0) as age_hours
from found;

create table booking_fates (
    rail varchar, kind varchar, lane varchar, escrow_id varchar, provider_ref varchar, event_id varchar, rule varchar,
    fate varchar, booking_id bigint, movement_id bigint, movement_key varchar, amount_minor decimal(38, 0),
    fee_minor decimal(38, 0), currency varchar, occurred_at timestamp, row_amount_minor decimal(38, 0),
    row_fee_minor decimal(38, 0), row_currency varchar, row_created_at timestamp, row_outcome varchar
);

create table payout_fates (
    balance_transaction_id varchar, payout_id varchar, trace_id varchar, rule varchar, fate varchar, entry_ref varchar,
    entry_minor decimal(38, 0), payout_minor decimal(38, 0), currency varchar, effective_at timestamp, booked_on date
);

create table in_transit (
    kind varchar, subject varchar, provider_ref varchar, rail varchar, amount_minor decimal(38, 0), currency varchar,
    occurred_at timestamp, record_key varchar
);

-- Nothing is recalled where nothing is judged.
create table carried_discrepancies (discrepancy_id varchar, severity varchar);

create table suggestions (
    suggestion_id varchar, kind varchar, side varchar, subject varchar, reference varchar, candidates varchar[],
    rail varchar, currency varchar, amount_minor decimal(38, 0), is_only_way boolean, explanation varchar
);
