-- I9: every record that a service hears was handled, once, or lies among its dead letters.
select records.topic, records.partition, records."offset", records.type, records.event_id
from observed.records
join observed.heard on heard.service = current_schema() and heard.topic = records.topic
  and (heard.type = records.type or records.event_id is null)
where not exists (select from inbox where inbox.id = records.event_id)
  and not exists (
    select from dead_letters
    where dead_letters.topic = records.topic and dead_letters.partition = records.partition
      and dead_letters."offset" = records."offset"
  )
