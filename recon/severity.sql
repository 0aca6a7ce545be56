-- How bad a discrepancy is: its kind, moved by its amount and by how long it is open.
--
-- The kind is the header of its rule; the thresholds of each code are severity.csv's, amounts in major units.
-- What is CRITICAL by its kind stays so: there is no small shortfall of client money.

create table reported as
with

measured as (
    select
        discrepancy_id,
        code,
        -- Where the difference says nothing, what is at stake is the amount itself.
        in_major(
            case
                when code = 'CURRENCY_MISMATCH' or difference_minor = 0 then expected_minor
                else difference_minor
            end,
            currency
        ) as amount,
        date_diff('hour', first_seen, as_of()) as hours_open
    from ungraded
),

-- The highest threshold that is reached counts.
moved as (
    select
        discrepancy_id,
        coalesce(max_by(steps, at_least) filter (where measure = 'amount' and at_least <= amount), 0)
        + coalesce(max_by(steps, at_least) filter (where measure = 'hours_open' and at_least <= hours_open), 0) as steps
    from measured
    join thresholds using (code)
    group by discrepancy_id
)

select
    ungraded.* replace (
        case case kind.place when 4 then 4 else least(4, greatest(1, kind.place + coalesce(steps, 0))) end
            when 1 then 'LOW'
            when 2 then 'MEDIUM'
            when 3 then 'HIGH'
            when 4 then 'CRITICAL'
            else ungraded.severity
        end as severity
    )
from ungraded
left join kinds as kind using (code)
left join moved using (discrepancy_id);
