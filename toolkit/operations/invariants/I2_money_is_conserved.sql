-- I2: all accounts together sum to zero: what we owe is what is held for us.
select currency, sum(minor) as minor
from payments.journal
group by currency
having sum(minor) <> 0
