-- Replace what this day has left for the days after it.

delete from kept.runs where business_date = $day;
delete from kept.discrepancies where business_date = $day;
delete from kept.carried where business_date = $day;
delete from kept.movements where business_date = $day;
delete from kept.bookings where business_date = $day;
delete from kept.rows where business_date = $day;
delete from kept.positions where business_date = $day;

insert into kept.runs values ($day, $run_id, as_of(), $verdict);

insert into kept.history
select
    (select coalesce(max(number), 0) + 1 from kept.history),
    $day,
    $run_id,
    $replaces,
    as_of(),
    $verdict,
    count(*) filter (where state in ('OPEN', 'REOPENED')),
    count(*) filter (where is_new),
    count(*) filter (where state = 'RESOLVED'),
    $changes
from reported
where $is_further;

insert into kept.discrepancies by name
select $day as business_date, reported.* exclude (is_new, age_hours) from reported;

insert into kept.carried
select $day, discrepancy_id from carried_open;

insert into kept.movements by name
select
    $day as business_date,
    rail, account, movement_key, lane, category_or_status, is_known, is_own,
    is_wrong_token, outcome, provider_ref, our_ref, escrow_id, currency, amount_minor, fee_minor,
    net_minor, holding_minor, own_minor, to_address, chain_id, tx_hash, log_index, created_at,
    updated_at
from movement_fates
where fate in ('unbooked', 'in_transit', 'ambiguous', 'contradicts_failure')
    or (fate = 'matched' and outcome <> 'moved');

insert into kept.bookings by name
select
    $day as business_date,
    event_id, escrow_id, event_type, kind, rail, provider_ref, our_ref, transfer_id, payment_id,
    currency, amount_minor, fee_minor, destination, chain_id, tx_hash, log_index, occurred_at,
    topic, "partition", "offset"
from booking_fates
where fate in ('in_transit', 'missing', 'unconfirmed', 'contradicted');

insert into kept.rows by name
select
    $day as business_date,
    movement.rail as source,
    movement.movement_key as row_key,
    printed.fingerprint,
    movement.outcome <> 'pending' as is_final,
    movement.is_restated,
    movement.amount_minor,
    -- What the row has moved in all, not what it changed today.
    movement.holding_minor + coalesce(earlier.holding_minor, 0) as holding_minor,
    movement.own_minor + coalesce(earlier.own_minor, 0) as own_minor,
    movement.provider_ref,
    coalesce(bookings.event_id, earlier.event_id) as event_id
from movement_fates as movement
left join bookings using (booking_id)
left join seen_rows as earlier
    on earlier.source = movement.rail and earlier.row_key = movement.movement_key and earlier.is_final
left join fingerprints as printed on printed.source = movement.rail and printed.row_key = movement.movement_key
where not movement.is_carried

union all by name

select
    $day as business_date,
    'PAYOUT' as source,
    balance_transaction_id as row_key,
    printed.fingerprint,
    status in ('paid', 'failed', 'canceled') as is_final,
    is_restated,
    gross_minor as amount_minor,
    0 as holding_minor,
    0 as own_minor,
    trace_id as provider_ref,
    null as event_id
from payouts
left join fingerprints as printed on printed.source = 'PAYOUT' and printed.row_key = balance_transaction_id;

insert into kept.positions
select $day, rail, account, currency, closing_minor from safeguarding where closing_minor is not null;
