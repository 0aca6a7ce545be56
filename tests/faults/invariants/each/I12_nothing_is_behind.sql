-- I12: at rest every partition is handled to its end, and nothing waits to be said or asked.
select ends.topic, ends.partition, ends.next_offset as written, offsets.next_offset as handled
from observed.ends
join (select distinct service, topic from observed.heard) as heard
  on heard.service = current_schema() and heard.topic = ends.topic
left join offsets on offsets.topic = ends.topic and offsets.partition = ends.partition
where ends.next_offset > coalesce(offsets.next_offset, 0)
union all
select 'outbox', null, count(*), 0 from outbox having count(*) > 0
union all
select 'calls', null, count(*), 0 from agenda where performs having count(*) > 0
