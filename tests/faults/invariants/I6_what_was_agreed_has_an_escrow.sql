-- I6: a contract that was answered with "accepted" has its escrow.
select contracts.escrow_id
from observed.contracts
where not exists (select from escrow.escrows where escrows.escrow_id = contracts.escrow_id)
  and not exists (select from escrow.dead_letters where dead_letters.key = contracts.contract_id)
