-- I8, I10: the events of an aggregate are numbered from 1 without a gap.
select topic, aggregate_id, version, place
from (
  select topic, aggregate_id, version,
    row_number() over (partition by topic, aggregate_id order by version) as place
  from events
) as numbered
where version <> place
