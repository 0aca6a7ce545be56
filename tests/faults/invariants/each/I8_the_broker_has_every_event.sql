-- I8: every event is on the broker, or waits in the outbox: at rest, on the broker.
select events.topic, events.aggregate_id, events.version, events.event_id
from events
where exists (select from observed.records where records.topic = events.topic)
  and not exists (select from observed.records where records.event_id = events.event_id)
