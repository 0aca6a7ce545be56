-- title:    An escrow above 10,000.00 USD paid at Stripe, or one up to that at the custodian
-- severity: MEDIUM
-- owner:    risk
-- reason:   The threshold is a control; whoever goes around it has a reason.
-- phase:    movements
--
-- By the escrow's amount, once per escrow, on the day of its payment. One USDC counts as one USD,
-- and exactly 10,000.00 is Stripe's.

with

payments as (
    select
        booking.*,
        escrows.amount_minor as escrow_minor,
        case booking.rail
            when 'STRIPE' then escrows.amount_minor > to_minor('10000', digits_of(escrows.currency))
            else escrows.amount_minor <= to_minor('10000', digits_of(escrows.currency))
        end as is_wrong
    from booking_fates as booking
    join escrows on escrows.escrow = escrow_id
    where kind = 'charge' and fate <> 'duplicate' and escrows.currency in ('USD', 'USDC')
),

first_payments as (
    select *
    from payments
    where is_wrong
    qualify row_number() over (partition by escrow_id order by place, event_id) = 1
)

select
    rail,
    escrow_id as subject,
    provider_ref,
    currency,
    occurred_at,
    escrow_id as natural_key,
    format(
        'An escrow of {} was paid at the {}.',
        in_words(escrow_minor, currency),
        case rail when 'STRIPE' then 'card provider' else 'custodian' end
    ) as explanation
from first_payments
where is_of_day
