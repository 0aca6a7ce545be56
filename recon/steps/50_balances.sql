-- What every escrow is owed: each movement once, as the payments events tell it.

create table balances as
select
    escrow_id,
    rail,
    currency,
    coalesce(sum(amount_minor) filter (where not is_of_day), 0) as opening_minor,
    sum(amount_minor) as closing_minor
from bookings
where is_extracted and not is_further
group by escrow_id, rail, currency;

-- The movement that put an escrow in debt.
create table last_movements as
select
    escrow_id,
    rail,
    currency,
    max_by(provider_ref, place) as last_provider_ref,
    max_by(event_id, place) as last_event_id,
    max(occurred_at) as last_at
from bookings
semi join (from balances where closing_minor < 0) as indebted using (escrow_id, rail, currency)
where is_extracted and not is_further
group by escrow_id, rail, currency;

-- A refund that followed a transfer which nobody took back, and left the escrow in debt.
create table refunds_not_clawed_back as
with

indebted as (
    select *
    from balances
    where closing_minor < 0
        and escrow_id not in (
            select escrow
            from day_events
            where event_type = 'EscrowDisputeResolved' and resolution = 'SPLIT'
        )
),

transfers as (
    select escrow_id, min(place) as place
    from bookings
    where kind = 'transfer' and is_extracted and not is_further
    group by escrow_id
)

select
    refund.*,
    least(closing_minor, 0) - least(opening_minor, 0) as effect_minor
from bookings as refund
join indebted using (escrow_id, rail, currency)
join transfers as transfer using (escrow_id)
where refund.kind = 'refund'
    and refund.is_extracted
    and not refund.is_further
    and refund.place > transfer.place
qualify row_number() over (partition by escrow_id order by refund.place desc) = 1;
