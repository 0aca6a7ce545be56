"""Every code with the forms it may take, and days made of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from tests.recon.golden import (
    benign,
    day_forms,
    life_forms,
    movement_forms,
    row_forms,
)
from tests.recon.golden.plan import Draft, Finding, Form, amount_of, number_as_a_log

FORMS: Mapping[str, tuple[Form, ...]] = {
    "MISSING_AT_PROVIDER": (
        movement_forms.a_charge_that_stripe_does_not_have,
        movement_forms.a_transfer_that_stripe_does_not_have,
        movement_forms.a_refund_that_stripe_does_not_have,
        movement_forms.a_reversal_that_stripe_does_not_have,
        movement_forms.a_chargeback_that_stripe_does_not_have,
        movement_forms.a_won_chargeback_that_never_came_back,
        movement_forms.a_deposit_that_the_custodian_does_not_have,
        movement_forms.a_transfer_that_the_custodian_does_not_have,
    ),
    "MISSING_IN_LEDGER": (
        movement_forms.a_charge_that_nobody_booked,
        movement_forms.a_charge_without_a_word_whose_it_is,
        movement_forms.a_transfer_that_nobody_booked,
        movement_forms.a_refund_that_nobody_booked,
        movement_forms.a_reversal_that_nobody_booked,
        movement_forms.a_won_dispute_that_nobody_booked,
        movement_forms.a_stranger_who_paid_in,
        movement_forms.money_that_left_without_our_asking,
        movement_forms.a_deposit_for_a_known_payment,
    ),
    "AMOUNT_MISMATCH": (
        movement_forms.a_charge_of_a_cent_more,
        movement_forms.a_charge_of_less_with_the_fee_of_that,
        movement_forms.a_transfer_of_another_amount,
        movement_forms.a_refund_of_another_amount,
        movement_forms.a_reversal_of_another_amount,
        movement_forms.a_chargeback_of_another_amount,
        movement_forms.yesterdays_charge_of_another_amount,
        movement_forms.a_deposit_of_a_unit_less,
        movement_forms.a_custody_transfer_of_another_amount,
        movement_forms.a_payout_of_which_the_bank_got_less,
    ),
    "CURRENCY_MISMATCH": (
        movement_forms.a_charge_in_euros,
        movement_forms.a_refund_in_euros,
        movement_forms.a_deposit_of_another_asset,
    ),
    "DUPLICATE_AT_PROVIDER": (
        movement_forms.a_card_that_was_charged_twice,
        movement_forms.a_charge_that_came_again_under_its_id,
        movement_forms.a_second_charge_of_the_last_hour,
        movement_forms.a_seller_who_was_paid_twice,
        movement_forms.a_buyer_who_was_refunded_twice,
        movement_forms.a_seller_who_was_sent_usdc_twice,
    ),
    "DUPLICATE_EVENT": (
        movement_forms.a_payment_that_was_booked_twice,
        movement_forms.a_transfer_that_was_booked_twice,
        movement_forms.a_refund_that_was_booked_twice,
        movement_forms.a_chargeback_that_was_booked_twice,
        movement_forms.a_deposit_that_was_booked_twice,
        movement_forms.a_payment_of_yesterday_that_was_booked_again,
    ),
    "STATUS_MISMATCH": (
        row_forms.a_transfer_that_failed_at_the_custodian,
        row_forms.a_refund_that_was_denied,
        row_forms.a_deposit_that_was_cancelled,
        row_forms.a_failed_transfer_that_went_out,
        row_forms.a_failed_refund_that_went_out,
        row_forms.a_declined_card_that_was_charged,
        row_forms.a_failed_refund_that_stripe_made,
    ),
    "UNCONFIRMED_BEYOND_SLA": (
        row_forms.a_deposit_that_is_not_final,
        row_forms.a_transfer_that_is_stuck,
        row_forms.a_refund_that_is_still_queued,
    ),
    "FEE_VARIANCE": (
        row_forms.a_charge_with_a_higher_fee,
        row_forms.a_charge_without_its_fee,
        row_forms.a_refund_that_cost_a_fee,
        row_forms.a_transfer_that_cost_a_fee,
    ),
    "REFUND_NOT_CLAWED_BACK": (
        life_forms.a_refund_after_a_release,
        life_forms.a_release_and_a_refund_of_one_day,
        life_forms.a_part_refunded_after_a_release,
        life_forms.a_custody_refund_after_a_release,
    ),
    "CHARGEBACK_UNBOOKED": (
        row_forms.a_dispute_that_nobody_booked,
        row_forms.a_dispute_of_a_released_escrow,
        row_forms.a_dispute_without_metadata,
    ),
    "WRONG_RAIL": (
        row_forms.a_cent_too_much_for_stripe,
        row_forms.a_unit_too_little_for_the_custodian,
        row_forms.a_small_escrow_at_the_custodian,
    ),
    "WRONG_TOKEN": (
        row_forms.a_deposit_of_bridged_usdc,
        row_forms.a_deposit_on_another_chain,
        row_forms.a_token_that_nobody_asked_for,
    ),
    "WRONG_DESTINATION": (row_forms.a_transfer_to_somebody_else,),
    "NEGATIVE_ESCROW_BALANCE": (
        life_forms.a_transfer_of_more_than_came_in,
        life_forms.a_refund_of_more_than_came_in,
        life_forms.a_split_of_more_than_came_in,
        life_forms.a_custody_transfer_of_more_than_came_in,
    ),
    "OVERDUE_TRANSITION": (
        life_forms.a_buyer_who_never_paid,
        life_forms.a_depositor_who_never_paid,
        life_forms.a_release_that_nobody_made,
        life_forms.a_release_that_nobody_made_after_a_won_chargeback,
    ),
    "ILLEGAL_TRANSITION": (
        life_forms.a_delivery_of_what_was_not_paid,
        life_forms.a_cancellation_of_what_was_paid,
        life_forms.a_release_without_a_transfer,
        life_forms.a_refund_without_a_refund,
        life_forms.a_resolution_without_a_dispute,
        life_forms.a_transfer_before_the_delivery,
        life_forms.a_delivery_after_the_end,
    ),
    "SEQUENCE_GAP": (
        life_forms.versions_that_skip,
        life_forms.an_event_that_was_lost,
        life_forms.an_offset_that_was_lost,
        life_forms.a_hole_beside_a_hole,
    ),
    "ARITHMETIC_BREAK": (
        row_forms.a_charge_whose_net_is_wrong,
        row_forms.a_charge_whose_fee_is_wrong,
        row_forms.a_refund_whose_net_is_wrong,
        row_forms.a_topup_whose_net_is_wrong,
        row_forms.a_payout_whose_net_is_wrong,
    ),
    "UNKNOWN_CATEGORY": (
        row_forms.a_category_that_nobody_knows,
        row_forms.a_charge_under_another_category,
        row_forms.a_custody_status_that_nobody_knows,
        row_forms.a_payout_status_that_nobody_knows,
    ),
    "PROVIDER_RESTATEMENT": (
        day_forms.a_charge_that_was_rewritten,
        day_forms.a_description_that_was_rewritten,
        day_forms.a_transaction_that_was_rewritten,
        day_forms.a_payout_that_was_rewritten,
    ),
    "BALANCE_PROOF_BREAK": (
        day_forms.an_ending_that_does_not_follow,
        day_forms.items_that_are_not_the_activity,
        day_forms.payouts_that_are_not_the_summarys,
        day_forms.an_activity_that_fits_nothing,
        day_forms.a_holding_that_does_not_follow,
        day_forms.a_bank_that_cannot_add,
    ),
    "PAYOUT_NOT_DEPOSITED": (
        day_forms.a_payout_that_never_arrived,
        day_forms.a_payout_of_which_only_another_amount_came,
    ),
    "DEPOSIT_UNEXPLAINED": (
        day_forms.a_credit_from_nowhere,
        day_forms.a_payout_that_came_twice,
    ),
    "SAFEGUARDING_SHORTFALL": (
        day_forms.money_that_is_short_at_stripe,
        day_forms.money_that_is_short_at_the_custodian,
    ),
    "SAFEGUARDING_EXCESS": (
        day_forms.too_much_at_stripe,
        day_forms.too_much_at_the_custodian,
    ),
    "AMBIGUOUS": (
        row_forms.two_charges_that_one_row_fits,
        row_forms.two_deposits_that_one_row_fits,
        row_forms.two_parts_of_a_reversal_that_one_row_fits,
    ),
    "SOURCE_MISSING": (
        day_forms.a_source_that_nobody_announced,
        day_forms.a_file_that_is_absent,
    ),
    "SOURCE_CORRUPT": (
        day_forms.a_file_that_was_cut_off,
        day_forms.a_row_count_that_is_not_so,
        day_forms.a_statement_that_is_no_statement,
    ),
}
# A day has each of these figures once, so that of the forms that spoil it only one fits.
SPOILED_FIGURES = (
    (
        day_forms.an_ending_that_does_not_follow,
        day_forms.items_that_are_not_the_activity,
        day_forms.payouts_that_are_not_the_summarys,
        day_forms.an_activity_that_fits_nothing,
    ),
    (day_forms.money_that_is_short_at_stripe, day_forms.too_much_at_stripe),
    (
        day_forms.money_that_is_short_at_the_custodian,
        day_forms.too_much_at_the_custodian,
    ),
)
SOURCE_CODES = ("SOURCE_MISSING", "SOURCE_CORRUPT")
BUSINESS_DAY = "2026-11-19"


@dataclass(frozen=True)
class Golden:
    """A day, the day before where something of it is needed, and all that must come out."""

    day: Draft
    findings: tuple[Finding, ...]


def golden_day(
    forms: Iterable[Form],
    *,
    seed: int = 0,
    date: str = BUSINESS_DAY,
    stories: Sequence[Form] = (),
) -> Golden:
    """A clean day of `stories`, with every form planted in it under a name of its own."""
    day = Draft(date=date, seed=seed)
    before = (day.start - timedelta(days=1)).date().isoformat()
    day.before = Draft(date=before, seed=seed)
    findings: list[Finding] = []
    for number, form in enumerate([*stories, *forms]):
        name = f"E{seed}x{number}"
        findings += form(day, name, amount_of(name + date))
    return Golden(day, tuple(findings))


def finished(day: Draft) -> Draft:
    """The day as its extract shows it: yesterday's events too, numbered by time."""
    if day.before:
        day.events = day.before.events + day.events
    number_as_a_log(day)
    day.states_currencies = tuple(
        sorted({"usd"} | {str(row["currency"]) for row in day.activity})
    )
    return day


def every_form() -> list[Form]:
    return [form for forms in FORMS.values() for form in forms]


def drawn(seed: int, *, share: float = 0.5) -> list[Form]:
    """Some forms of the codes that go together, each figure spoiled once at most."""
    dice = Random(seed)
    chosen = [
        form
        for code, forms in FORMS.items()
        if code not in SOURCE_CODES
        for form in forms
        if dice.random() < share
    ]
    dice.shuffle(chosen)
    for rivals in SPOILED_FIGURES:
        present = [form for form in chosen if form in rivals]
        chosen = [form for form in chosen if form not in present[1:]]
    return chosen


def a_clean_day(seed: int, size: int = 12) -> list[Form]:
    """Some stories of which nothing may be said."""
    dice = Random(seed)
    return [dice.choice(benign.STORIES) for _ in range(size)]
