-- What a day that is run again says otherwise than before.

create table changes as
select
    case
        when was.discrepancy_id is null then 'appeared'
        when reported.discrepancy_id is null then 'gone'
        else 'changed'
    end as change,
    discrepancy_id,
    coalesce(reported.code, was.code) as code,
    coalesce(reported.subject, was.subject) as subject,
    coalesce(reported.provider_ref, was.provider_ref) as provider_ref,
    coalesce(reported.currency, was.currency) as currency,
    coalesce(reported.rail, was.rail) as rail,
    coalesce(reported.severity, was.severity) as severity,
    coalesce(reported.first_seen, was.first_seen)::varchar as first_seen,
    was.state as was_state,
    reported.state as state,
    was.difference_minor as was_minor,
    reported.difference_minor as difference_minor
from reported
full join replaced_discrepancies as was using (discrepancy_id)
where
    was.discrepancy_id is null
    or reported.discrepancy_id is null
    or (was.state, was.severity, was.expected_minor, was.actual_minor, was.currency)
    is distinct from (reported.state, reported.severity, reported.expected_minor, reported.actual_minor, reported.currency);
