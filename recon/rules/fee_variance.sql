-- title:    The provider's fee is not the fee we booked
-- severity: MEDIUM
-- owner:    payments
-- reason:   Fees are paid from the platform's own money: a wrong fee eats it unseen.
-- phase:    movements
--
-- The fee of a dispute is in no message and is not compared. Where the amount differs too,
-- the fee follows from it.

select
    rail,
    escrow_id as subject,
    provider_ref,
    event_id,
    fee_minor as expected_minor,
    row_fee_minor as actual_minor,
    currency,
    greatest(occurred_at, row_created_at) as occurred_at,
    row_escrow_minor - net_minor as effect_minor,
    net_minor - row_escrow_minor as alternative_minor,
    format(
        'The fee of {} was booked as {} and the provider took {}.',
        provider_ref, in_words(fee_minor, currency), in_words(row_fee_minor, currency)
    ) as explanation
from booking_fates
where fate = 'settled'
    and not is_exact
    and rail = 'STRIPE'
    and row_currency = currency
    and row_amount_minor = amount_minor
    and row_net_minor = row_amount_minor - row_fee_minor
    and row_fee_minor <> fee_minor
