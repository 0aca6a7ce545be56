-- title:    An escrow above 10,000.00 USD paid at Stripe, or one up to that at the custodian
-- severity: MEDIUM
-- owner:    risk
-- reason:   The threshold is a control; whoever goes around it has a reason.
-- phase:    movements
--
-- By the escrow's amount, once per escrow, on the day of its payment. One USDC counts as one USD,
-- and exactly 10,000.00 is Stripe's.

with

first_payments as (
    select escrow_id, arg_min(booking, booking_id) as booking
    from booking_fates as booking
    where kind = 'charge' and fate <> 'duplicate'
    group by escrow_id
)

select
    booking.rail,
    escrow_id as subject,
    booking.provider_ref,
    booking.currency,
    booking.occurred_at,
    escrow_id as natural_key,
    format(
        'An escrow of {} was paid at the {}.',
        in_words(escrows.amount_minor, escrows.currency),
        case booking.rail when 'STRIPE' then 'card provider' else 'custodian' end
    ) as explanation
from first_payments
join escrows on escrows.escrow = escrow_id
where booking.is_of_day
    and escrows.currency in ('USD', 'USDC')
    and case booking.rail
        when 'STRIPE' then escrows.amount_minor > to_minor('10000', digits_of(escrows.currency))
        else escrows.amount_minor <= to_minor('10000', digits_of(escrows.currency))
    end
