-- title:    The same movement, another amount
-- severity: HIGH
-- owner:    payments
-- reason:   One of the two books is wrong, and the escrow is owed the difference.
-- phase:    movements
--
-- Amounts are gross. A row whose own arithmetic is broken is an ARITHMETIC_BREAK and nothing else.

select
    rail,
    escrow_id as subject,
    provider_ref,
    event_id,
    amount_minor as expected_minor,
    row_amount_minor as actual_minor,
    currency,
    greatest(occurred_at, row_created_at) as occurred_at,
    row_escrow_minor - net_minor as effect_minor,
    net_minor - row_escrow_minor as alternative_minor,
    format(
        '{} was booked with {} and the provider moved {}.',
        provider_ref, in_words(amount_minor, currency), in_words(row_amount_minor, currency)
    ) as explanation
from booking_fates
where fate = 'settled'
    and not is_exact
    and row_currency = currency
    and row_amount_minor <> amount_minor
    and row_net_minor = row_amount_minor - row_fee_minor

union all by name

-- A payout that reached the bank with another amount, on the day of the later of the two.
select
    'STRIPE' as rail,
    payout_id as subject,
    trace_id as provider_ref,
    payout_minor as expected_minor,
    entry_minor as actual_minor,
    currency,
    greatest(effective_at, booked_on::timestamp) as occurred_at,
    balance_transaction_id as natural_key,
    format(
        'Payout {} of {} was deposited as {}.',
        payout_id, in_words(payout_minor, currency), in_words(entry_minor, currency)
    ) as explanation
from payout_fates
where fate = 'deposited'
    and entry_minor <> payout_minor
    and not is_restated
    and greatest(effective_at, booked_on::timestamp) >= day_start()
