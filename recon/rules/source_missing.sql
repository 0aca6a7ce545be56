-- title:    An input is absent
-- severity: CRITICAL
-- owner:    finance
-- reason:   No file is an alarm, never an empty day.
-- phase:    sources

select source as subject, source as natural_key, explanation
from source_faults
where code = 'SOURCE_MISSING'
