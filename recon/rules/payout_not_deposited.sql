-- title:    A paid payout that the bank has not booked after three days
-- severity: HIGH
-- owner:    treasury
-- reason:   Stripe says that it sent the money and the bank does not have it.
-- phase:    movements
--
-- A condition: reported on every day whose inputs show it.

select
    'STRIPE' as rail,
    payout_id as subject,
    coalesce(trace_id, payout_id) as provider_ref,
    payout_minor as expected_minor,
    0 as actual_minor,
    currency,
    effective_at as occurred_at,
    balance_transaction_id as natural_key,
    format(
        'Payout {} of {} left Stripe and is in no entry of the bank.', payout_id, in_words(payout_minor, currency)
    ) as explanation
from payout_fates
where fate = 'late'
