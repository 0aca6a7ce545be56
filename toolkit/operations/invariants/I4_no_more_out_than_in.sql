-- I4: at no moment has more left an escrow than had come in. A chargeback may take what
-- was paid out already: that is a case for recovery, and not ours to forbid.
select *
from (
  select journal.account, events.version, events.type,
    sum(minor) over (
      partition by journal.account, journal.currency order by events.version
    ) as paid_out_too_much
  from payments.journal
  join payments.events using (event_id)
  where journal.account like 'escrow:%'
    and events.aggregate_id not in (
      select aggregate_id from payments.events where type = 'ChargebackOpened'
    )
) as running
where paid_out_too_much > 0
