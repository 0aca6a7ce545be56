-- I8, I10: the events of an aggregate are numbered from 1 without a gap. A log of audit moves
-- on with every leaf, and an event of it is a checkpoint: it has the version of its moment.
select topic, aggregate_id, version, place
from (
  select topic, aggregate_id, version,
    row_number() over (partition by topic, aggregate_id order by version) as place
  from events
  where topic <> 'audit.events.v1'
) as numbered
where version <> place
