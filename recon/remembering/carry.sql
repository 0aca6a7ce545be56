-- Today's discrepancies beside those that earlier days left open.
--
-- What is judged anew every day is resolved when it is found no more. Facts of a day (a broken
-- row, a wrong amount) stay open until a person signs.

create table standing_codes as
select * from (values
    ('MISSING_AT_PROVIDER'),
    ('MISSING_IN_LEDGER'),
    ('CHARGEBACK_UNBOOKED'),
    ('UNCONFIRMED_BEYOND_SLA'),
    ('STATUS_MISMATCH'),
    ('AMBIGUOUS'),
    ('OVERDUE_TRANSITION')
) as code (code);

create table carried_open as
with

absent as (
    select *
    from carried_discrepancies
    anti join found using (discrepancy_id)
    where state in ('OPEN', 'REOPENED')
)

select
    *,
    case
        when code in (from standing_codes) then true
        when code in ('NEGATIVE_ESCROW_BALANCE', 'REFUND_NOT_CLAWED_BACK')
            then subject not in (select escrow_id from balances where closing_minor < 0)
        when code = 'PAYOUT_NOT_DEPOSITED'
            then natural_key in (select balance_transaction_id from payout_fates where fate in ('deposited', 'came_back'))
        when code = 'DEPOSIT_UNEXPLAINED'
            then natural_key in (
                select concat_ws(' ', end_to_end_id, entry_ref, booked_on, amount_minor)
                from deposit_fates
                where fate in ('deposited', 'covered')
            )
        else false
    end as is_resolved
from absent;

create table ungraded as
with

today as (
    select
        found.discrepancy_id,
        found.code,
        found.severity,
        found.owner,
        found.rule,
        found.rail,
        found.subject,
        found.provider_ref,
        found.event_id,
        found.expected_minor,
        found.actual_minor,
        found.difference_minor,
        found.currency,
        found.occurred_at,
        coalesce(earlier.first_seen, as_of()) as first_seen,
        found.natural_key,
        case
            when earlier.state is null then 'OPEN'
            when earlier.state = 'RESOLVED' then 'REOPENED'
            else earlier.state
        end as state,
        found.explanation,
        coalesce(of_row.booking_in_words, of_booking.row_in_words) as nearest_candidate,
        earlier.discrepancy_id is null as is_new
    from found
    left join carried_discrepancies as earlier using (discrepancy_id)
    left join nearest as of_row on of_row.movement_id = found.movement_id and of_row.place_for_row = 1
    left join nearest as of_booking on of_booking.booking_id = found.booking_id and of_booking.place_for_booking = 1
),

earlier as (
    select
        carried_open.* exclude (business_date, is_resolved)
            replace (case when is_resolved then 'RESOLVED' else state end as state),
        false as is_new
    from carried_open
)

select
    *,
    greatest(date_diff('hour', coalesce(occurred_at, first_seen), as_of()), 0) as age_hours
from (from today union all by name from earlier);
