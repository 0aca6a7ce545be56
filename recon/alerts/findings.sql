-- What the alerts say of each discrepancy, in the published order.

select
    discrepancy_id,
    code,
    severity,
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
    nearest_candidate
from reported
order by code, rail nulls last, subject, provider_ref, event_id, discrepancy_id;
