-- The equations that every export has to satisfy by itself: stated less computed.

create table equations as
with

stated as (
    select
        account,
        currency,
        coalesce(max(net_minor) filter (where category = 'starting_balance'), 0) as opening_minor,
        coalesce(max(net_minor) filter (where category = 'activity'), 0) as activity_minor,
        coalesce(max(net_minor) filter (where category = 'payouts'), 0) as payouts_minor,
        coalesce(max(net_minor) filter (where category = 'ending_balance'), 0) as closing_minor
    from stripe_summary
    group by account, currency
),

stripe_items as (
    select currency, sum(holding_minor) as items_minor
    from movements
    where rail = 'STRIPE' and not is_carried
    group by currency
),

payout_items as (
    select currency, sum(net_minor) as items_minor
    from stripe_payouts
    where effective_at >= day_start() and effective_at < day_end()
    group by currency
),

custodian_items as (
    select sum(holding_minor) as items_minor
    from movements
    where rail = 'CUSTODIAN' and not is_carried
),

bank as (
    select
        account,
        statement,
        max(currency) filter (where kind = 'opening') as currency,
        max(amount_minor) filter (where kind = 'opening') as opening_minor,
        coalesce(sum(amount_minor) filter (where kind = 'entry' and status = 'BOOK'), 0) as activity_minor,
        max(amount_minor) filter (where kind = 'closing') as closing_minor
    from bank_lines
    group by account, statement
)

select
    'roll_forward' as kind,
    'balance' as part,
    'STRIPE' as rail,
    account,
    currency,
    opening_minor,
    activity_minor,
    payouts_minor,
    closing_minor,
    closing_minor - (opening_minor + activity_minor + payouts_minor) as difference_minor
from stated

union all by name

select
    'itemised' as kind,
    'activity' as part,
    'STRIPE' as rail,
    source_account('stripe_summary') as account,
    currency,
    coalesce(items_minor, 0) as activity_minor,
    coalesce(activity_minor, 0) as closing_minor,
    coalesce(activity_minor, 0) - coalesce(items_minor, 0) as difference_minor
from stated
full join stripe_items using (currency)

union all by name

select
    'itemised' as kind,
    'payouts' as part,
    'STRIPE' as rail,
    source_account('stripe_summary') as account,
    currency,
    coalesce(items_minor, 0) as payouts_minor,
    coalesce(payouts_minor, 0) as closing_minor,
    coalesce(payouts_minor, 0) - coalesce(items_minor, 0) as difference_minor
from stated
full join payout_items using (currency)

union all by name

select
    'roll_forward' as kind,
    'balance' as part,
    position.rail,
    source_account('custodian_transactions') as account,
    position.currency,
    holding_opening_minor as opening_minor,
    coalesce(items_minor, 0) as activity_minor,
    0 as payouts_minor,
    holding_closing_minor as closing_minor,
    holding_closing_minor - (holding_opening_minor + coalesce(items_minor, 0)) as difference_minor
from positions as position
cross join custodian_items
where position.rail = 'CUSTODIAN' and position.currency = 'USDC'

union all by name

-- Movements without a stated position prove nothing, and are told so: null, and never zero.
select
    'roll_forward' as kind,
    'balance' as part,
    'CUSTODIAN' as rail,
    source_account('custodian_transactions') as account,
    'USDC' as currency,
    items_minor as activity_minor
from custodian_items
where items_minor is not null and not exists (from positions where rail = 'CUSTODIAN' and currency = 'USDC')

union all by name

select
    'bank' as kind,
    statement as part,
    null as rail,
    account,
    currency,
    opening_minor,
    activity_minor,
    closing_minor,
    closing_minor - (opening_minor + activity_minor) as difference_minor
from bank;

-- A failing equation is explained by the discrepancies that account for it to the last unit:
-- by one of them, or by all of one code. What the exports state may leave a faulty row out.
create table explanations as
with

failing as (
    select * from equations where difference_minor <> 0 and kind in ('roll_forward', 'itemised')
),

left_out as (
    select discrepancy_id, code, rail, currency, alternative_minor from found
    union all
    select discrepancy_id, code, rail, other_currency, other_alternative_minor from found
),

candidates as (
    select
        failing.kind,
        failing.part,
        failing.rail,
        failing.currency,
        failing.difference_minor,
        found.discrepancy_id,
        found.code,
        found.alternative_minor,
        sum(found.alternative_minor) over (
            partition by failing.kind, failing.part, failing.rail, failing.currency, found.code
        ) as together_minor,
        row_number() over (
            partition by failing.kind, failing.part, failing.rail, failing.currency
            order by found.alternative_minor = failing.difference_minor desc, found.discrepancy_id
        ) as place
    from failing
    join left_out as found
        on found.rail = failing.rail
        and found.currency = failing.currency
        and found.alternative_minor <> 0
),

alone as (
    from candidates where place = 1 and alternative_minor = difference_minor
)

select kind, part, rail, currency, discrepancy_id, alternative_minor as effect_minor
from alone

union all

select kind, part, rail, currency, discrepancy_id, alternative_minor
from candidates
anti join alone using (kind, part, rail, currency)
where together_minor = difference_minor
-- Two codes could each account for it; the first is named.
qualify dense_rank() over (partition by kind, part, rail, currency order by code) = 1;

create table tie_outs as
with

explained as (
    select kind, part, rail, currency, sum(effect_minor) as explained_minor
    from explanations
    group by all
)

select
    equation.*,
    null::decimal(38, 0) as owed_minor,
    null::decimal(38, 0) as own_funds_minor,
    null::decimal(38, 0) as in_transit_minor,
    difference_minor - coalesce(explained_minor, 0) as unexplained_minor,
    -- The bank's balance is no holding of escrow money.
    case kind when 'bank' then 0 else difference_minor - coalesce(explained_minor, 0) end as effect_minor,
    case kind
        when 'roll_forward' then 'roll-forward'
        when 'bank' then 'statement'
        else 'itemised ' || part
    end as equation
from equations as equation
left join explained using (kind, part, rail, currency);
