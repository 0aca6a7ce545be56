-- How bad a discrepancy is: its kind, moved by its amount and by how long it is open.
--
-- The kind is the header of its rule; the thresholds of each code are severity.csv's, amounts in major units.
-- What is CRITICAL by its kind stays so: there is no small shortfall of client money.

create macro steps_by(wanted, of_code, reached) as (
    select max_by(steps, at_least)
    from thresholds
    where measure = wanted and thresholds.code = of_code and at_least <= reached
);

update reported
set severity = graded.severity
from (
    select
        discrepancy_id,
        list_extract(
            ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'],
            case kind.place
                when 4 then 4
                else least(4, greatest(1,
                    kind.place
                    + coalesce(steps_by('amount', kind.code, in_major(abs(difference_minor), currency)), 0)
                    + steps_by('hours_open', kind.code, date_diff('hour', first_seen, as_of()))
                ))
            end
        ) as severity
    from reported
    join kinds as kind using (code)
) as graded
where graded.discrepancy_id = reported.discrepancy_id;
