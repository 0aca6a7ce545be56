-- I10: nothing happens before what it needs, twice where once is all, or after the end.
with told as (
  select aggregate_id, version, type from escrow.events where type <> 'EscrowRefusedCommand'
), needs (type, before) as (
  values ('EscrowAwaitFunds', 'EscrowCreated'), ('EscrowFundsHeld', 'EscrowAwaitFunds'),
    ('EscrowDelivered', 'EscrowFundsHeld'), ('EscrowReleased', 'EscrowFundsHeld'),
    ('EscrowRefunded', 'EscrowFundsHeld'), ('EscrowDisputeResolved', 'EscrowDisputed')
)
select aggregate_id, version, type, 'before ' || needs.before as what
from told join needs using (type)
where not exists (
  select from told as earlier
  where earlier.aggregate_id = told.aggregate_id and earlier.type = needs.before
    and earlier.version < told.version
)
union all
select aggregate_id, max(version), type, count(*) || ' times'
from told
where type in ('EscrowCreated', 'EscrowAwaitFunds', 'EscrowFundsHeld', 'EscrowDelivered', 'EscrowCancelled')
group by aggregate_id, type
having count(*) > 1
union all
select told.aggregate_id, told.version, told.type, 'after the escrow was cancelled'
from told
join told as ending on ending.aggregate_id = told.aggregate_id and ending.type = 'EscrowCancelled'
where told.version > ending.version
