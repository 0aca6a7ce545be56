-- I3: what people are shown is what the escrow is. At rest; meanwhile a view is late.
select escrow_id, truth.state as is, shown.state as shown
from escrow.escrows as truth
left join projections.escrows as shown using (escrow_id)
where truth.state <> 'ABSENT' and truth.state is distinct from shown.state
