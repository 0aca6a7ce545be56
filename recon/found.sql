-- What the rules find.

-- What a rule may say; what it leaves out is absent.
create table broken (
    code varchar,
    severity varchar,
    owner varchar,
    rule varchar,
    rail varchar,
    subject varchar,
    provider_ref varchar,
    event_id varchar,
    expected_minor decimal(38, 0),
    actual_minor decimal(38, 0),
    currency varchar,
    occurred_at timestamp,
    natural_key varchar,
    effect_minor decimal(38, 0),
    other_currency varchar,
    other_effect_minor decimal(38, 0),
    alternative_minor decimal(38, 0),
    other_alternative_minor decimal(38, 0),
    explanation varchar,
    booking_id bigint,
    movement_id bigint
);

-- The identity is made of the code and of what names the break in the world: never of the order of rows
-- or an amount that may be corrected tomorrow.
create view found as
select
    'dsc_' || left(
        sha256(concat_ws('|', code, coalesce(rail, ''), coalesce(natural_key, event_id, subject))), 24
    ) as discrepancy_id,
    broken.* replace (
        coalesce(effect_minor, 0) as effect_minor,
        coalesce(explanation, code) as explanation
    ),
    actual_minor - expected_minor as difference_minor
from broken;
