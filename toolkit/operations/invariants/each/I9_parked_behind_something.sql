-- I9: what is parked waits behind an unresolved dead letter of its key.
select parked.seq, parked.key, parked.topic, parked.partition, parked."offset"
from parked
where not exists (
  select from dead_letters
  where dead_letters.key = parked.key and dead_letters.resolved_at is null
)
