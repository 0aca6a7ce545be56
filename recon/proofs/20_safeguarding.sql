-- What the provider holds against what the escrows are owed and what is the platform's own.
--
-- Escrows in debt are left out of what is owed: nobody's money pays for another's.

create table effects as
with

-- A discrepancy moves the currency it was booked in, and a currency mismatch the other one too;
-- where a stated figure leaves a faulty row out, that is part of its effect.
parts as (
    select discrepancy_id, rail, currency, effect_minor
    from found
    union all
    select discrepancy_id, rail, other_currency, other_effect_minor
    from found
    where other_currency is not null
    union all
    select discrepancy_id, rail, currency, effect_minor
    from explanations
)

select discrepancy_id, rail, currency, sum(effect_minor) as effect_minor
from parts
where effect_minor <> 0 and rail is not null
group by all
having sum(effect_minor) <> 0;

create table compared as
with

owed as (
    select rail, currency, sum(greatest(closing_minor, 0)) as owed_minor
    from balances
    group by rail, currency
),

held as (
    select 'STRIPE' as rail, account, currency, net_minor as closing_minor
    from stripe_summary
    where category = 'ending_balance'
    union all
    select rail, source_account('custodian_transactions'), currency, holding_closing_minor
    from positions
    where rail = 'CUSTODIAN'
),

waiting as (
    select rail, currency, sum(effect_minor) as in_transit_minor
    from in_transit
    group by rail, currency
),

explained as (
    select rail, currency, sum(effect_minor) as explained_minor
    from effects
    group by rail, currency
)

select
    rail,
    coalesce(
        account,
        source_account(case rail when 'STRIPE' then 'stripe_summary' else 'custodian_transactions' end)
    ) as account,
    currency,
    held.closing_minor,
    coalesce(owed_minor, 0) as owed_minor,
    own_funds_closing_minor as own_funds_minor,
    coalesce(in_transit_minor, 0) as in_transit_minor,
    -- Null, and never zero, where the manifest states no position.
    held.closing_minor - coalesce(owed_minor, 0) - own_funds_closing_minor as difference_minor,
    difference_minor - coalesce(in_transit_minor, 0) - coalesce(explained_minor, 0) as left_minor
from held
full join owed using (rail, currency)
full join positions using (rail, currency)
left join waiting using (rail, currency)
left join explained using (rail, currency)
where held.closing_minor is not null or owed_minor <> 0 or own_funds_closing_minor is not null;

-- A discrepancy that own funds made good on an earlier day, and that today resolves, gives back
-- what it took. Whether own funds did is not in the inputs: it counts where it fits exactly.
insert into effects
with

resolved as (
    select
        discrepancy_id,
        booking.rail,
        booking.currency,
        case when booking.is_carried then booking.net_minor else -row_escrow_minor end as effect_minor
    from booking_fates as booking
    join carried_discrepancies as earlier
        on earlier.rail = booking.rail
        and coalesce(earlier.event_id = booking.event_id, earlier.natural_key = booking.movement_key)
    anti join found using (discrepancy_id)
    where booking.fate = 'settled'
        and (booking.is_carried or is_row_carried)
        and earlier.state in ('OPEN', 'REOPENED')
        and earlier.code in (
            'MISSING_AT_PROVIDER', 'MISSING_IN_LEDGER', 'CHARGEBACK_UNBOOKED', 'UNCONFIRMED_BEYOND_SLA', 'STATUS_MISMATCH'
        )
)

select discrepancy_id, rail, currency, effect_minor
from resolved
join compared using (rail, currency)
where left_minor <> 0
qualify sum(effect_minor) over (partition by rail, currency) = left_minor;

create table safeguarding as
with

explained as (
    select rail, currency, sum(effect_minor) as explained_minor
    from effects
    group by rail, currency
)

select
    compared.* exclude (left_minor),
    null::decimal(38, 0) as opening_minor,
    null::decimal(38, 0) as activity_minor,
    null::decimal(38, 0) as payouts_minor,
    coalesce(explained_minor, 0) as explained_minor,
    difference_minor - in_transit_minor - coalesce(explained_minor, 0) as unexplained_minor
from compared
left join explained using (rail, currency);
