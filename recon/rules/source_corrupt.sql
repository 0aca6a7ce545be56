-- title:    An input is unreadable, truncated or not what the manifest says
-- severity: CRITICAL
-- owner:    finance
-- reason:   A day that rests on half a file is not reconciled, whatever its balance.
-- phase:    sources

select source as subject, source as natural_key, explanation
from source_faults
where code = 'SOURCE_CORRUPT'
