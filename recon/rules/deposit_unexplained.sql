-- title:    A bank credit without a payout
-- severity: MEDIUM
-- owner:    treasury
-- reason:   Somebody's money is on our account, and we do not know whose.
-- phase:    movements
--
-- A condition: reported on every day whose inputs show it. Debits are not judged.

select
    null as rail,
    account as subject,
    coalesce(end_to_end_id, entry_ref) as provider_ref,
    0 as expected_minor,
    amount_minor as actual_minor,
    currency,
    booked_on::timestamp as occurred_at,
    concat_ws(' ', end_to_end_id, entry_ref, booked_on, amount_minor) as natural_key,
    format(
        'The bank booked {} on {} under {} and no payout explains it.',
        in_words(amount_minor, currency), booked_on, coalesce(end_to_end_id, entry_ref, 'no reference')
    ) as explanation
from deposit_fates
where fate = 'unexplained'
