-- What we booked, what the provider moved, and what arrived at the bank or on chain, line by line.
--
-- Sums are the day's, gross and signed as at the provider; fees have a line of their own. Payouts are those of the
-- whole export, since the bank needs days. A record that does not tie is a deviation: its reason is the
-- discrepancy that names it, else why it is none. What has no reason is left over, and told as such.

-- On chain a row has arrived if it names its transaction, and our event does not name another one.
create table not_on_chain as
select movement_id
from movements
where rail = 'CUSTODIAN' and tx_hash is null
union
select movement_id
from booking_outcomes
join bookings as booking using (booking_id)
join movements as movement using (movement_id)
where movement.rail = 'CUSTODIAN' and (movement.tx_hash <> booking.tx_hash or movement.log_index <> booking.log_index);

create table tie_lines as
with

booked as (
    select
        rail,
        currency,
        case rail when 'CUSTODIAN' then if(amount_minor >= 0, 'in', 'out') else kind end as line,
        count(*) as booked_rows,
        sum(amount_minor) as booked_minor,
        -sum(coalesce(fee_minor, 0)) as booked_fees_minor
    from bookings
    where is_of_day and amount_minor is not null
    group by all
),

moved as (
    select
        rail,
        currency,
        case
            when is_own then 'own money'
            when rail = 'CUSTODIAN' then if(amount_minor >= 0, 'in', 'out')
            else category_or_status
        end as line,
        count(*) as provider_rows,
        -- A row that was restated moves today what it changed.
        sum(if(is_restated, holding_minor, amount_minor)) as provider_minor,
        -sum(if(is_restated, 0, fee_minor)) as provider_fees_minor,
        count(*) filter (where absent.movement_id is null) as arrived_rows,
        coalesce(
            sum(if(is_restated, holding_minor, amount_minor)) filter (where absent.movement_id is null), 0
        ) as arrived_minor
    from movements
    left join not_on_chain as absent using (movement_id)
    where not is_carried and not is_repeated and outcome = 'moved' and not is_wrong_token
        and coalesce(lane, '') not in ('payout', 'payout_reversal')
    group by all
),

both_sides as (
    select * from booked full join moved using (rail, currency, line)
)

select
    rail,
    currency,
    line,
    coalesce(booked_rows, 0) as booked_rows,
    coalesce(booked_minor, 0) as booked_minor,
    coalesce(provider_rows, 0) as provider_rows,
    coalesce(provider_minor, 0) as provider_minor,
    case rail when 'CUSTODIAN' then 'chain' end as arrives,
    case rail when 'CUSTODIAN' then coalesce(arrived_rows, 0) end as arrived_rows,
    case rail when 'CUSTODIAN' then coalesce(arrived_minor, 0) end as arrived_minor
from both_sides

union all by name

select
    rail,
    currency,
    'fees' as line,
    sum(booked_rows) as booked_rows,
    coalesce(sum(booked_fees_minor), 0) as booked_minor,
    sum(provider_rows) as provider_rows,
    coalesce(sum(provider_fees_minor), 0) as provider_minor
from both_sides
where rail = 'STRIPE'
group by rail, currency;

-- Only what may not tie is looked at one by one; on most days that is little.
create table doubtful as
select booking_id
from booking_outcomes
where fate <> 'history' and not (fate = 'settled' and is_exact)
union
select booking_id
from bookings
semi join (from booking_outcomes where fate = 'settled') as settled using (booking_id)
where not is_of_day
union
select booking_id
from movement_outcomes
join movements using (movement_id)
where booking_id is not null and is_carried;

-- The code that tells a record, by its event or by its row.
create table told_of as
select event_id, natural_key, code, discrepancy_id
from found
where code in (
        'AMOUNT_MISMATCH', 'CURRENCY_MISMATCH', 'FEE_VARIANCE', 'MISSING_AT_PROVIDER', 'MISSING_IN_LEDGER',
        'DUPLICATE_AT_PROVIDER', 'DUPLICATE_EVENT', 'STATUS_MISMATCH', 'UNCONFIRMED_BEYOND_SLA', 'CHARGEBACK_UNBOOKED',
        'WRONG_TOKEN', 'UNKNOWN_CATEGORY', 'PROVIDER_RESTATEMENT', 'ARITHMETIC_BREAK', 'AMBIGUOUS',
        'PAYOUT_NOT_DEPOSITED', 'DEPOSIT_UNEXPLAINED'
    );

create table deviations as
with

by_event as (
    select event_id, arg_min(discrepancy_id, code) as discrepancy_id, min(code) as code
    from told_of
    where event_id is not null
    group by event_id
),

by_row as (
    select natural_key, arg_min(discrepancy_id, code) as discrepancy_id, min(code) as code
    from told_of
    where natural_key is not null
    group by natural_key
),

pairs as (
    select
        booking.*,
        coalesce(by_event.code, by_row.code) as code,
        coalesce(by_event.discrepancy_id, by_row.discrepancy_id) as discrepancy_id,
        coalesce(
            movement.outcome = 'moved' and not movement.is_carried and not movement.is_repeated
                and not movement.is_wrong_token,
            false
        ) as is_row_of_day,
        if(movement.is_restated, movement.holding_minor, movement.amount_minor) as moved_minor,
        if(movement.is_restated, 0, movement.fee_minor) as moved_fee_minor,
        movement.category_or_status as category
    from booking_fates as booking
    semi join doubtful using (booking_id)
    left join movements as movement using (movement_id)
    left join by_event using (event_id)
    left join by_row on by_row.natural_key = booking.movement_key
),

of_pairs as (
    select
        *,
        case
            when code is not null then code
            when fate in ('in_transit', 'early') then 'IN_TRANSIT'
            when is_of_day <> is_row_of_day and fate = 'settled' then 'EARLIER_DAY'
            when fate = 'covered' then 'RETURNED'
        end as reason,
        coalesce(provider_ref, event_id) as reference,
        coalesce(is_of_day and is_row_of_day and row_currency = currency, false) as is_beside,
        case rail when 'CUSTODIAN' then if(amount_minor >= 0, 'in', 'out') else kind end as line,
        case rail when 'CUSTODIAN' then if(row_amount_minor >= 0, 'in', 'out') else category end as row_line,
        is_beside and moved_minor = amount_minor and line = row_line as is_tied,
        is_beside and moved_fee_minor = coalesce(fee_minor, 0) as is_fee_tied
    from pairs
),

-- A row whose event does not stand beside it.
of_rows as (
    select
        movement.*,
        case
            when is_own then 'OWN_MONEY'
            when fate = 'in_transit' then 'IN_TRANSIT'
            else coalesce(by_row.code, by_event.code)
        end as reason,
        coalesce(by_row.discrepancy_id, by_event.discrepancy_id) as discrepancy_id,
        coalesce(provider_ref, movement_key) as reference
    from movement_fates as movement
    left join by_row on by_row.natural_key = movement_key
    left join by_event on by_event.event_id = movement.failure_event_id
    where booking_id is null
        and not is_carried and not is_repeated and outcome = 'moved' and not is_wrong_token
        and fate <> 'matched'
)

select
    rail,
    currency,
    line,
    'provider' as leg,
    reason,
    discrepancy_id,
    reference,
    -amount_minor as amount_minor
from of_pairs
where is_of_day and amount_minor is not null and not coalesce(is_tied, false)

union all by name

select
    rail,
    row_currency as currency,
    row_line as line,
    'provider' as leg,
    reason,
    discrepancy_id,
    reference,
    moved_minor as amount_minor
from of_pairs
where is_row_of_day and not coalesce(is_tied, false)

union all by name

select rail, currency, 'fees' as line, 'provider' as leg, reason, discrepancy_id, reference, fee_minor as amount_minor
from of_pairs
where is_of_day and rail = 'STRIPE' and fee_minor <> 0 and not is_fee_tied

union all by name

select
    rail,
    row_currency as currency,
    'fees' as line,
    'provider' as leg,
    -- A dispute's own fee is the platform's, and no event speaks of it.
    case when kind in ('dispute', 'dispute_reversal') then 'OWN_MONEY' else reason end as reason,
    discrepancy_id,
    reference,
    -moved_fee_minor as amount_minor
from of_pairs
where is_row_of_day and rail = 'STRIPE' and moved_fee_minor <> 0 and not is_fee_tied

union all by name

-- Of pairs that tie, only a dispute has a fee that was not booked.
select
    rail,
    currency,
    'fees' as line,
    'provider' as leg,
    'OWN_MONEY' as reason,
    provider_ref as reference,
    -movement.fee_minor as amount_minor
from movements as movement
semi join (
    select movement_id from booking_outcomes where fate = 'settled' and booking_id not in (from doubtful)
) as tied using (movement_id)
where rail = 'STRIPE' and fee_minor <> 0 and lane in ('dispute', 'dispute_reversal')

union all by name

select
    rail,
    currency,
    case
        when is_own then 'own money'
        when rail = 'CUSTODIAN' then if(amount_minor >= 0, 'in', 'out')
        else category_or_status
    end as line,
    'provider' as leg,
    reason,
    discrepancy_id,
    reference,
    if(is_restated, holding_minor, amount_minor) as amount_minor
from of_rows

union all by name

select
    rail,
    currency,
    'fees' as line,
    'provider' as leg,
    reason,
    discrepancy_id,
    reference,
    -fee_minor as amount_minor
from of_rows
where rail = 'STRIPE' and fee_minor <> 0 and not is_restated;

-- What moved and is not on chain is explained by nothing.
insert into deviations by name
select
    movement.rail,
    movement.currency,
    if(movement.is_own, 'own money', if(movement.amount_minor >= 0, 'in', 'out')) as line,
    'arrival' as leg,
    coalesce(movement.provider_ref, movement.movement_key) as reference,
    -if(is_restated, holding_minor, amount_minor) as amount_minor
from movements as movement
semi join not_on_chain using (movement_id)
where not is_carried and not is_repeated and outcome = 'moved' and not is_wrong_token;

-- Payouts: those of the export on one side, the credits of the statement on the other.
insert into deviations by name
with

by_key as (
    select natural_key, arg_min(discrepancy_id, code) as discrepancy_id, min(code) as code
    from told_of
    where natural_key is not null
    group by natural_key
),

payouts_out as (
    select
        currency,
        coalesce(by_key.code, case fate
            when 'under_way' then 'IN_TRANSIT'
            when 'came_back' then 'CAME_BACK'
            when 'uncovered' then 'NOT_COVERED'
            when 'deposited' then 'EARLIER_DAY'
            when 'unknown' then 'EARLIER_DAY'
            when 'covered' then 'EARLIER_DAY'
        end) as reason,
        discrepancy_id,
        payout_id as reference,
        coalesce(entry_minor, 0) - payout_minor as amount_minor
    from payout_fates
    left join by_key
        on by_key.natural_key = balance_transaction_id
        or by_key.natural_key = balance_transaction_id || ' ' || fingerprint
    where coalesce(entry_minor, 0) <> payout_minor
),

credits_in as (
    select
        currency,
        coalesce(by_key.code, case fate
            when 'before_the_payouts' then 'NOT_COVERED'
            when 'deposited' then 'EARLIER_DAY'
            when 'covered' then 'EARLIER_DAY'
        end) as reason,
        discrepancy_id,
        coalesce(end_to_end_id, entry_ref) as reference,
        amount_minor
    from deposit_fates
    anti join deposits using (credit_id)
    left join by_key
        on by_key.natural_key = concat_ws(' ', end_to_end_id, entry_ref, booked_on, amount_minor)
)

select 'STRIPE' as rail, currency, 'payouts' as line, 'arrival' as leg, reason, discrepancy_id, reference, amount_minor
from payouts_out
union all
select 'STRIPE', currency, 'payouts', 'arrival', reason, discrepancy_id, reference, amount_minor
from credits_in;

insert into tie_lines by name
with

paid_out as (
    select currency, count(*) as provider_rows, sum(payout_minor) as provider_minor from payouts group by currency
),

credited as (
    select currency, count(*) as arrived_rows, sum(amount_minor) as arrived_minor from credits group by currency
)

select
    'STRIPE' as rail,
    currency,
    'payouts' as line,
    coalesce(provider_rows, 0) as provider_rows,
    coalesce(provider_minor, 0) as provider_minor,
    'bank' as arrives,
    coalesce(arrived_rows, 0) as arrived_rows,
    coalesce(arrived_minor, 0) as arrived_minor
from paid_out
full join credited using (currency);

create table three_way as
with

explained as (
    select
        rail,
        currency,
        line,
        coalesce(sum(amount_minor) filter (where leg = 'provider' and reason is not null), 0) as explained_minor,
        coalesce(sum(amount_minor) filter (where leg = 'arrival' and reason is not null), 0) as arrival_explained_minor
    from deviations
    group by rail, currency, line
)

select
    rail,
    source_account(case rail when 'STRIPE' then 'stripe_activity' else 'custodian_transactions' end) as account,
    tie_lines.* exclude (rail),
    provider_minor - booked_minor as difference_minor,
    provider_minor - booked_minor - coalesce(explained_minor, 0) as unexplained_minor,
    arrived_minor - provider_minor as arrival_difference_minor,
    arrived_minor - provider_minor - coalesce(arrival_explained_minor, 0) as arrival_unexplained_minor
from tie_lines
left join explained using (rail, currency, line);
