-- I7: at most one charge and one transfer for an escrow, by the provider's own books.
select escrow_id, kind, count
from observed.provider_objects
where kind in ('charge', 'payment_intent', 'transfer') and count > 1
