-- What is new in this run, or open again, is proposed; what this run resolves gives its proposal back.

select
    reported.discrepancy_id,
    reported.code || if(reported.code = 'AMOUNT_MISMATCH' and reported.event_id is null, ':PAYOUT', '') as posting,
    reported.rail,
    coalesce(reported.provider_ref, reported.subject) as reference,
    reported.expected_minor,
    reported.actual_minor,
    reported.difference_minor,
    reported.currency,
    found.other_currency,
    reported.state = 'RESOLVED' as is_reversed
from reported
left join found using (discrepancy_id)
left join carried_discrepancies as earlier using (discrepancy_id)
where reported.currency is not null
    and (
        reported.state = 'RESOLVED'
        or (reported.state = 'OPEN' and reported.is_new)
        or (reported.state = 'REOPENED' and earlier.state = 'RESOLVED')
    )
order by reported.code, reported.rail nulls last, reference, reported.discrepancy_id;
