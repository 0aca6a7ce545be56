-- I3: the journal is the fold of the events: each movement booked, nothing else. On chain it
-- is the deposit that is booked, when it arrives; that it was enough moves nothing.
with moving as (
  select event_id, type, aggregate_id
  from payments.events
  where type in ('PaymentSucceeded', 'TransferSucceeded', 'TransferReversed', 'RefundSucceeded')
    and not (type = 'PaymentSucceeded' and aggregate_id in (
      select escrow_id from payments.payments where rail = 'CUSTODIAN'
    ))
)
select coalesce(moving.event_id, booked.event_id) as event_id, moving.type,
  case when booked.event_id is null then 'not booked' else 'booked without its event' end as what
from moving
full join (select distinct event_id from payments.journal) as booked using (event_id)
where booked.event_id is null
   or not exists (select from payments.events where events.event_id = booked.event_id)
