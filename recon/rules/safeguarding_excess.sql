-- title:    The provider holds more than the escrows are owed
-- severity: HIGH
-- owner:    finance
-- reason:   An excess is a breach as well: own and client money are mixed.
-- phase:    safeguarding

select
    rail,
    account as subject,
    closing_minor - unexplained_minor as expected_minor,
    closing_minor as actual_minor,
    currency,
    day_end() as occurred_at,
    concat_ws(' ', rail, account, currency, day_start()) as natural_key,
    format(
        '{} holds {} more than it should, and nothing found explains it.', account, in_words(unexplained_minor, currency)
    ) as explanation
from safeguarding
where unexplained_minor > 0
