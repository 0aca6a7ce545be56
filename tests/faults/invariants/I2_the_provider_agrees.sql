-- I2: our account of what the provider holds is the provider's own.
with ours as (
  select coalesce(sum(minor), 0) as minor from payments.journal where account = 'provider:STRIPE'
)
select ours.minor as ours, theirs.minor as theirs
from ours, observed.provider_balance as theirs
where ours.minor <> theirs.minor
