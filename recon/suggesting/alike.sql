-- What might answer what is left: sums of several, and references that are alike.

-- One record of a side against several of the other: of the same rail, kind, currency and direction,
-- smaller, and no more than three days away. The nearest in time come first.
create table parts as
select
    whole.side,
    whole.record_id,
    part.record_id as part_id,
    part.reference as part_reference,
    abs(part.amount_minor) as part_minor,
    row_number() over (
        partition by whole.side, whole.record_id
        order by abs(epoch_us(part.moment) - epoch_us(whole.moment)), part.record_id
    ) as place
from (
    from left_over
    qualify row_number() over (partition by side order by abs(amount_minor) desc, record_id) <= 200
) as whole
join (
    from left_over
    qualify row_number() over (partition by side order by moment, record_id) <= 5000
) as part
    on part.side <> whole.side
    and part.rail = whole.rail
    and part.lane = whole.lane
    and part.currency = whole.currency
    and sign(part.amount_minor) = sign(whole.amount_minor)
    and abs(part.amount_minor) < abs(whole.amount_minor)
    and part.moment between whole.moment - interval 3 days and whole.moment + interval 3 days
-- One more than is tried, so that what is left out is known.
qualify place <= 25;

-- References that differ by a slip of the hand. Short ones are alike by chance; three hundred records
-- of either side are compared.
create table alike as
with

texts as (
    select side, record_id, rail, lane, reference, subject, currency, amount_minor, unnest([provider_ref, our_ref]) as told
    from left_over
    where currency is not null
    qualify dense_rank() over (partition by side order by record_id) <= 300
),

pairs as (
    select
        movement.record_id,
        movement.reference,
        movement.subject,
        movement.rail,
        movement.currency,
        movement.amount_minor,
        booking.record_id as part_id,
        booking.reference as part_reference,
        damerau_levenshtein(movement.told, booking.told) as distance
    from texts as movement
    join texts as booking
        on booking.rail = movement.rail
        and booking.lane = movement.lane
        and sign(booking.amount_minor) = sign(movement.amount_minor)
        and abs(length(booking.told) - length(movement.told)) <= 2
    where movement.side = 'row' and booking.side = 'booking' and length(movement.told) >= 12
)

from pairs
where distance between 1 and 2
qualify row_number() over (partition by record_id order by distance, part_id) = 1;

create table suggestions (
    suggestion_id varchar,
    kind varchar,
    side varchar,
    subject varchar,
    reference varchar,
    candidates varchar[],
    rail varchar,
    currency varchar,
    amount_minor decimal(38, 0),
    is_only_way boolean,
    explanation varchar
);

insert into suggestions by name
select
    'sug_' || left(sha256(concat_ws('|', 'REFERENCE', record_id, part_id)), 24) as suggestion_id,
    'REFERENCE' as kind,
    'row' as side,
    subject,
    reference,
    [part_reference] as candidates,
    rail,
    currency,
    amount_minor,
    count(*) over (partition by part_id) = 1 as is_only_way,
    format('{} and {} differ in {} of their characters.', reference, part_reference, distance) as explanation
from alike;
