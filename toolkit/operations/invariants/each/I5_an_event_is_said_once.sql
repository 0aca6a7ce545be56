-- I5: a command has one effect, however often it was delivered.
-- An event's id follows from its cause, so a second effect has the id of the first.
select event_id, count(*) as times, array_agg(topic || '/' || aggregate_id || '/' || version) as places
from events
group by event_id
having count(*) > 1
