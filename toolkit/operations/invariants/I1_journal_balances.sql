-- I1: every journal transaction sums to zero in each currency.
select event_id, currency, sum(minor) as minor
from payments.journal
group by event_id, currency
having sum(minor) <> 0
