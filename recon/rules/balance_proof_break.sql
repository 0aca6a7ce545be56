-- title:    A balance that does not follow from its opening and its movements
-- severity: CRITICAL
-- owner:    finance
-- reason:   One of the three figures is wrong, and no row says which.
-- phase:    tie_out
--
-- One per equation, and only what no other discrepancy explains.

select
    rail,
    account as subject,
    closing_minor - unexplained_minor as expected_minor,
    closing_minor as actual_minor,
    currency,
    day_end() as occurred_at,
    concat_ws(' ', kind, part, rail, account, currency, day_start()) as natural_key,
    effect_minor,
    format(
        'The {} equation of {} misses {}.', equation, account, in_words(unexplained_minor, currency)
    ) as explanation
from tie_outs
where unexplained_minor <> 0
