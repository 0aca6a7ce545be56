-- One row for every movement that a provider reports, whatever its export looks like.
--
-- Signs are the provider's: in +, out -. `holding_minor` is what the row did to the balance that
-- the provider holds for us, `own_minor` the part of it that is the platform's own money, and
-- `escrow_minor` the rest, which an event of the platform has to account for.

create table movements as
with

stripe as (
    select
        'STRIPE' as rail,
        account,
        balance_transaction_id as movement_key,
        case when category.category is not null and not is_own then activity.category end as lane,
        activity.category as category_or_status,
        category.category is not null as is_known,
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
        created_at < interval_start('stripe_activity') as may_be_earlier,
        fingerprint
    from stripe_activity as activity
    left join categories as category using (category)
),

-- Dust and transfers between our own wallets are the platform's own money.
custodian as (
    select
        transactions.*,
        status.status is not null as is_known,
        coalesce(outcome, 'pending') as outcome,
        from_address in (from own_addresses)
            and (direction = 'IN' or to_address in (from own_addresses)) as is_own,
        case when direction = 'IN' then amount_minor else -amount_minor end as signed_minor,
        case when not is_wrong_token and asset = 'USD' then 'USDC' else asset end as currency
    from custodian_transactions as transactions
    left join statuses as status using (status)
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
        outcome = 'moved' and coalesce(block_at < day_start() - cut_off(), false) as may_be_earlier,
        fingerprint
    from custodian
),

reported as (
    from stripe
    union all by name
    from custody
),

-- A row of an earlier day that still waits for its event takes part in the matching,
-- but not in the sums of the day, and only until the provider reports it anew.
waiting as (
    select carried.* exclude (business_date)
    from carried_movements as carried
    anti join reported using (rail, movement_key)
),

-- A final row that an earlier day already brought moves only what it changed.
compared as (
    select
        reported.* replace (
            reported.holding_minor - coalesce(earlier.holding_minor, 0) as holding_minor,
            reported.own_minor - coalesce(earlier.own_minor, 0) as own_minor,
            may_be_earlier and earlier.row_key is null as may_be_earlier
        ),
        coalesce(earlier.fingerprint <> reported.fingerprint, false) as is_restated,
        coalesce(earlier.fingerprint = reported.fingerprint, false) as is_repeated
    from reported
    left join seen_rows as earlier
        on earlier.source = reported.rail
        and earlier.row_key = reported.movement_key
        and earlier.is_final
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

-- Whether such a row moved the balance today is for the stated balances to say: a row of Stripe's
-- counts only if they need it, a row of the custodian counts unless they fit without it.
tested as (
    select
        rail,
        currency,
        any_value(change_minor) = sum(holding_minor) as fits_with,
        any_value(change_minor) = coalesce(sum(holding_minor) filter (where not may_be_earlier), 0) as fits_without
    from compared
    join stated using (rail, currency)
    group by rail, currency
),

dated as (
    select
        compared.* exclude (may_be_earlier),
        may_be_earlier
            and case rail
                when 'STRIPE' then not coalesce(fits_with, false)
                else coalesce(fits_without and not fits_with, false)
            end as is_earlier
    from compared
    left join tested using (rail, currency)
),

of_today as (
    select
        dated.* exclude (is_earlier) replace (
            case when is_earlier then 0 else holding_minor end as holding_minor,
            case when is_earlier then 0 else own_minor end as own_minor,
            is_repeated or is_earlier as is_repeated
        )
    from dated
)

select
    row_number() over (order by is_carried, rail, movement_key, created_at, fingerprint) as movement_id,
    *,
    holding_minor - own_minor as escrow_minor
from (
    select of_today.*, false as is_carried from of_today
    union all by name
    select waiting.*, false as is_restated, false as is_repeated, true as is_carried from waiting
);
