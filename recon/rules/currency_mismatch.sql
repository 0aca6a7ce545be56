-- title:    The same movement, another currency or asset
-- severity: HIGH
-- owner:    payments
-- reason:   The escrow is owed a currency that the provider does not hold for it.
-- phase:    movements

select
    rail,
    escrow_id as subject,
    provider_ref,
    event_id,
    amount_minor as expected_minor,
    row_amount_minor as actual_minor,
    currency,
    greatest(occurred_at, row_created_at) as occurred_at,
    -net_minor as effect_minor,
    row_currency as other_currency,
    row_escrow_minor as other_effect_minor,
    row_net_minor as alternative_minor,
    -row_net_minor as other_alternative_minor,
    format(
        '{} was booked as {} and the provider moved {}.',
        provider_ref, in_words(amount_minor, currency), in_words(row_amount_minor, row_currency)
    ) as explanation
from booking_fates
where fate = 'settled' and not is_exact and row_currency <> currency
