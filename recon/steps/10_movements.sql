-- One row for every movement that a provider reports, whatever its export looks like.
--
-- Signs are the provider's: in +, out -. `holding_minor` is what the row did to the balance that
-- the provider holds for us, `own_minor` the part of it that is the platform's own money, and
-- `escrow_minor` the rest, which an event of the platform has to account for.

create view reported_rows as
with

-- A refund that came back is a movement of ours where the platform says so; else nobody knows of it.
known as (
    select *
    from categories
    where category <> 'refund_failure'
        or exists (from escrow_events where event_type = 'RefundReversed')
),

stripe as (
    select
        'STRIPE' as rail,
        account,
        balance_transaction_id as movement_key,
        case when known.category is not null and not is_own then activity.category end as lane,
        activity.category as category_or_status,
        known.category is not null as is_known,
        coalesce(is_own, false) as is_own,
        false as is_wrong_token,
        'moved' as outcome,
        source_id as provider_ref,
        null::varchar as our_ref,
        escrow_id,
        currency,
        gross_minor as amount_minor,
        fee_minor,
        net_minor,
        net_minor as holding_minor,
        case
            when is_own then gross_minor - fee_minor
            when activity.category in ('dispute', 'dispute_reversal') then -fee_minor
            else 0
        end as own_minor,
        null::varchar as to_address,
        null::varchar as chain_id,
        null::varchar as tx_hash,
        null::decimal(38, 0) as log_index,
        created_at,
        created_at as updated_at,
        -- The export is by creation: what was created before it moved on an earlier day.
        created_at < interval_start('stripe_activity') as may_be_earlier
    from stripe_activity as activity
    left join known using (category)
),

-- Dust and transfers between our own wallets are the platform's own money.
custodian as (
    select
        transactions.*,
        known_status.status is not null as is_known,
        coalesce(outcome, 'pending') as outcome,
        from_address in (from own_addresses)
            and (direction = 'IN' or to_address in (from own_addresses)) as is_own,
        case when direction = 'IN' then amount_minor else -amount_minor end as signed_minor,
        case when not is_wrong_token and asset = 'USD' then 'USDC' else asset end as currency
    from custodian_transactions as transactions
    left join statuses as known_status using (status)
),

custody as (
    select
        'CUSTODIAN' as rail,
        account,
        custodian_tx_id as movement_key,
        'custody' as lane,
        status as category_or_status,
        is_known,
        is_own,
        is_wrong_token,
        outcome,
        custodian_tx_id as provider_ref,
        external_tx_id as our_ref,
        null::varchar as escrow_id,
        currency,
        signed_minor as amount_minor,
        0::decimal(38, 0) as fee_minor,
        signed_minor as net_minor,
        case
            when outcome = 'moved' and not is_wrong_token and currency = 'USDC' then signed_minor
            else 0
        end as holding_minor,
        case when is_own then holding_minor else 0 end as own_minor,
        to_address,
        chain_id,
        tx_hash,
        log_index,
        created_at,
        updated_at,
        -- Finality takes minutes: a block of yesterday evening or before was final yesterday.
        outcome = 'moved' and coalesce(block_at < day_start() - cut_off(), false) as may_be_earlier
    from custodian
)

from stripe
union all by name
from custody;

-- A final row that an earlier day already brought moves only what it changed.
create table seen_again as
select
    rail,
    movement_key,
    any_value(earlier.holding_minor) as earlier_holding_minor,
    any_value(earlier.own_minor) as earlier_own_minor,
    any_value(earlier.fingerprint) <> any_value(printed.fingerprint) as is_restated
from reported_rows
join seen_rows as earlier
    on earlier.source = reported_rows.rail
    and earlier.row_key = reported_rows.movement_key
    and earlier.is_final
join fingerprints as printed on printed.source = reported_rows.rail and printed.row_key = reported_rows.movement_key
group by rail, movement_key;

-- Whether a row that may be of an earlier day moved the balance today is for the stated balances to
-- say: a row of Stripe's counts only if they need it, one of the custodian's unless they fit without.
create table moved_earlier as
with

candidates as (
    select rail, movement_key, currency, holding_minor
    from reported_rows
    anti join seen_again using (rail, movement_key)
    where may_be_earlier
),

stated as (
    select 'STRIPE' as rail, currency, net_minor as change_minor
    from stripe_summary
    where category = 'activity'
    union all
    select rail, currency, holding_closing_minor - holding_opening_minor
    from positions
    where rail = 'CUSTODIAN'
),

sums as (
    select rail, currency, sum(holding_minor - coalesce(earlier_holding_minor, 0)) as items_minor
    from reported_rows
    left join seen_again using (rail, movement_key)
    where rail in (select rail from candidates)
    group by rail, currency
),

tested as (
    select
        rail,
        currency,
        any_value(change_minor) = any_value(items_minor) as fits_with,
        any_value(change_minor) = any_value(items_minor) - sum(holding_minor) as fits_without
    from candidates
    join sums using (rail, currency)
    join stated using (rail, currency)
    group by rail, currency
)

select distinct rail, movement_key
from candidates
left join tested using (rail, currency)
where case rail
    when 'STRIPE' then not coalesce(fits_with, false)
    else coalesce(fits_without and not fits_with, false)
end;

create table known_movements as
with

of_today as (
    select
        reported_rows.* exclude (may_be_earlier) replace (
            case when was_earlier then 0 else holding_minor - coalesce(earlier_holding_minor, 0) end as holding_minor,
            case when was_earlier then 0 else own_minor - coalesce(earlier_own_minor, 0) end as own_minor
        ),
        coalesce(is_restated, false) as is_restated,
        coalesce(was_earlier or not is_restated, false) as is_repeated,
        false as is_carried
    from reported_rows
    left join seen_again using (rail, movement_key)
    left join (select *, true as was_earlier from moved_earlier) as before using (rail, movement_key)
),

-- A row of an earlier day that still waits for its event takes part in the matching,
-- but not in the sums of the day, and only until the provider reports it anew.
waiting as (
    select
        carried.* exclude (business_date),
        false as is_restated,
        false as is_repeated,
        true as is_carried
    from carried_movements as carried
    anti join reported_rows using (rail, movement_key)
)

select *, holding_minor - own_minor as escrow_minor
from (
    from of_today
    union all by name
    from waiting
);

-- The number only tells rows apart; nothing is ordered by it.
create view movements as select rowid as movement_id, * from known_movements;
