-- What the alerts say of each discrepancy, in the published order.

select
    discrepancy_id,
    code,
    reported.severity,
    owner,
    rule,
    rail,
    subject,
    provider_ref,
    event_id,
    expected_minor,
    actual_minor,
    difference_minor,
    currency,
    occurred_at,
    first_seen as first_seen_at,
    age_hours,
    state,
    explanation,
    nearest_candidate,
    earlier.severity as severity_before
from reported
left join (select discrepancy_id, severity from carried_discrepancies) as earlier using (discrepancy_id)
order by code, rail nulls last, subject, provider_ref, event_id, discrepancy_id;
