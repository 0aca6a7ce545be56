-- Payouts against the bank's credits: by the end-to-end id, and without one by a fit that is unique.

create table payouts as
select
    payout.*,
    -gross_minor as payout_minor,
    category in ('payout', 'payout_reversal')
        and payout.status in (select status from payout_statuses) as is_known,
    coalesce(earlier.fingerprint <> printed.fingerprint, false) as is_restated_today,
    coalesce(earlier.fingerprint <> printed.fingerprint or earlier.is_restated, false) as is_restated,
    printed.fingerprint
from stripe_payouts as payout
left join seen_rows as earlier
    on earlier.source = 'PAYOUT'
    and earlier.row_key = balance_transaction_id
    and earlier.is_final
left join fingerprints as printed
    on printed.source = 'PAYOUT'
    and printed.row_key = balance_transaction_id;

create table credits as
select row_number() over (order by booked_on, end_to_end_id, entry_ref, amount_minor, row) as credit_id, *
from bank_lines
where kind = 'entry' and status = 'BOOK' and direction = 'CRDT' and not is_reversal;

create table deposits as
with

-- Each id may come twice on either side: the first payout meets the first credit.
traced_payouts as (
    select
        balance_transaction_id,
        trace_id,
        row_number() over (partition by trace_id order by effective_at, balance_transaction_id) as place
    from payouts
    where category = 'payout' and trace_id is not null
),

traced_credits as (
    select credit_id, end_to_end_id, row_number() over (partition by end_to_end_id order by credit_id) as place
    from credits
    where end_to_end_id is not null
),

traced as (
    select balance_transaction_id, credit_id, 'trace_id' as rule
    from traced_payouts
    join traced_credits
        on traced_credits.end_to_end_id = traced_payouts.trace_id
        and traced_credits.place = traced_payouts.place
),

fitting as (
    select
        balance_transaction_id,
        credit_id,
        count(*) over (partition by balance_transaction_id) as fitting_credits,
        count(*) over (partition by credit_id) as fitting_payouts
    from payouts as payout
    join credits as credit
        on credit.amount_minor = payout_minor
        and credit.currency = payout.currency
        and booked_on::timestamp between date_trunc('day', effective_at) and effective_at + payout_limit()
    where payout.category = 'payout'
        and payout.status = 'paid'
        and (trace_id is null or end_to_end_id is null)
        and balance_transaction_id not in (select balance_transaction_id from traced)
        and credit_id not in (select credit_id from traced)
)

from traced
union all by name
select balance_transaction_id, credit_id, 'only_candidate' as rule
from fitting
where fitting_credits = 1 and fitting_payouts = 1;

create table payout_fates as
select
    payout.*,
    deposit.rule,
    credit.entry_ref,
    credit.amount_minor as entry_minor,
    credit.booked_on,
    case
        when deposit.credit_id is not null then 'deposited'
        when not is_known then 'unknown'
        when payout.category = 'payout_reversal' or payout.status in ('failed', 'canceled') then 'came_back'
        when is_restated then 'covered'
        when payout.status <> 'paid' then 'under_way'
        when effective_at < interval_start('bank_statement') or effective_at >= interval_end('bank_statement') then 'uncovered'
        when effective_at > as_of() - payout_limit() then 'under_way'
        else 'late'
    end as fate
from payouts as payout
left join deposits as deposit using (balance_transaction_id)
left join credits as credit using (credit_id);

-- A credit soon after the payouts begin may belong to a payout before them.
create table deposit_fates as
select
    credit.*,
    case
        when deposit.credit_id is not null then 'deposited'
        when end_to_end_id in (
            select earlier_traces.trace_id
            from earlier_traces
            semi join (from payouts where is_restated) using (balance_transaction_id)
        ) then 'covered'
        when end_to_end_id in (select provider_ref from seen_rows where source = 'PAYOUT')
            and end_to_end_id not in (select trace_id from payouts where trace_id is not null) then 'deposited'
        when booked_on::timestamp < day_start()
            and booked_on::timestamp < interval_start('stripe_payouts') + payout_limit() then 'before_the_payouts'
        else 'unexplained'
    end as fate
from credits as credit
left join deposits as deposit using (credit_id);
