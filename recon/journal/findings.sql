-- What is new in this run, or open again, is proposed; what this run resolves gives its proposal back.
-- Differences are gross. The fee of a movement that only one side has goes with it.

with

fees as (
    select 'MISSING_AT_PROVIDER' as code, event_id as named_by, -max(fee_minor) as fee_minor
    from bookings
    where fee_minor <> 0
    group by event_id
    union all
    select code, movement_key as named_by, max(fee_minor) as fee_minor
    from movements
    cross join (values ('MISSING_IN_LEDGER'), ('DUPLICATE_AT_PROVIDER')) as of_row (code)
    where fee_minor <> 0
    group by code, movement_key
)

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
    fees.fee_minor,
    reported.state = 'RESOLVED' as is_reversed
from reported
left join found using (discrepancy_id)
left join carried_discrepancies as earlier using (discrepancy_id)
left join fees
    on fees.code = reported.code
    and fees.named_by = if(reported.code = 'MISSING_AT_PROVIDER', reported.event_id, reported.natural_key)
where reported.currency is not null
    and (
        reported.state = 'RESOLVED'
        or (reported.state = 'OPEN' and reported.is_new)
        or (reported.state = 'REOPENED' and earlier.state = 'RESOLVED')
    )
order by reported.code, reported.rail nulls last, reference, reported.discrepancy_id;
