-- I6, I12: an escrow that waits for people has a timer that ends the wait.
with waiting as (
  select count(*) as escrows from escrow.escrows where state in ('AWAIT_FUNDS', 'DELIVERED')
), planned as (
  select count(*) as timers from escrow.agenda where not performs
)
select escrows, timers from waiting, planned where timers < escrows
