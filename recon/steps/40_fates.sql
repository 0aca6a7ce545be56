-- What became of every row and of every booking: each has exactly one fate.
--
-- This is where "one cause is reported once" lives. A rule selects a fate; it never decides one.

create table movement_outcomes as
select
    movement_id,
    matched.booking_id,
    matched.rule,
    further.booking_id as further_of,
    failure.event_id as failure_event_id,
    failure.escrow_id as failure_escrow_id,
    case
        when is_repeated then 'repeated'
        when is_restated then 'restated'
        when is_own and matched.booking_id is null then 'own'
        when not is_known then 'unknown'
        when is_wrong_token and outcome <> 'failed' then 'wrong_token'
        when matched.booking_id is not null then 'matched'
        when outcome = 'failed' then 'idle'
        when outcome = 'moved' and further.movement_id is not null then 'further'
        when undecided.movement_id is not null then 'ambiguous'
        -- What was declined and tried again near midnight has its event tomorrow.
        when not is_carried and created_at >= day_end() - cut_off() and created_at < day_end() then 'in_transit'
        when failure.movement_id is not null then 'contradicts_failure'
        when is_carried then case outcome when 'moved' then 'unbooked' else 'idle' end
        when outcome = 'pending' then 'idle'
        else 'unbooked'
    end as fate
from movements as movement
left join matches as matched using (movement_id)
left join further_movements as further using (movement_id)
left join contradicted_failures as failure using (movement_id)
left join (select distinct movement_id from ambiguous) as undecided using (movement_id);

-- The fates are narrow, and what is wide stays where it is.
create view movement_fates as
select movements.*, outcome.* exclude (movement_id)
from movement_outcomes as outcome
join movements using (movement_id);

create table booking_outcomes as
select
    booking_id,
    movement.movement_id,
    movement.rule,
    -- Nothing that the rules compare differs.
    coalesce(
        movement.currency = booking.currency
        and movement.amount_minor = booking.amount_minor
        and movement.fee_minor = booking.fee_minor
        and movement.net_minor = booking.net_minor,
        false
    ) as is_exact,
    case
        when is_further then 'duplicate'
        when movement.fate in ('restated', 'unknown', 'wrong_token') then 'covered'
        when movement.outcome = 'failed' then 'contradicted'
        when movement.outcome = 'pending' and occurred_at <= as_of() - finality_limit() then 'unconfirmed'
        when movement.outcome = 'pending' then 'in_transit'
        when movement.outcome = 'moved' then 'settled'
        when not is_of_day and not booking.is_carried then 'history'
        when undecided.booking_id is not null then 'in_transit'
        when is_early and not is_yesterday_known() then 'early'
        when occurred_at > as_of() - transit_limit() then 'in_transit'
        else 'missing'
    end as fate
from bookings as booking
left join movement_fates as movement using (booking_id)
left join (select distinct booking_id from ambiguous) as undecided using (booking_id);

create view booking_fates as
select
    booking.*,
    outcome.* exclude (booking_id),
    movement_key,
    movement.currency as row_currency,
    movement.amount_minor as row_amount_minor,
    movement.fee_minor as row_fee_minor,
    movement.net_minor as row_net_minor,
    movement.escrow_minor as row_escrow_minor,
    movement.outcome as row_outcome,
    movement.category_or_status as row_status,
    movement.to_address as row_to_address,
    movement.created_at as row_created_at,
    movement.is_carried as is_row_carried
from booking_outcomes as outcome
join bookings as booking using (booking_id)
left join movements as movement using (movement_id);

-- Every row names its escrow where it or its event does, else the account of its export.
create view every_subject as
select
    movement.movement_id,
    coalesce(
        movement.escrow_id,
        booking.escrow_id,
        first.escrow_id,
        movement.failure_escrow_id,
        paid.escrow,
        movement.account
    ) as subject
from movement_fates as movement
left join bookings as booking using (booking_id)
left join bookings as first on first.booking_id = movement.further_of
left join (
    -- The custodian names our payment, and our events say whose payment it is.
    select payment_id, any_value(escrow) as escrow
    from day_events
    where payment_id is not null
    group by payment_id
) as paid on paid.payment_id = movement.our_ref;

-- The rows of which something may be said.
create table subjects as
from every_subject
semi join (from movement_fates where fate <> 'matched' or net_minor <> amount_minor - fee_minor) using (movement_id);
