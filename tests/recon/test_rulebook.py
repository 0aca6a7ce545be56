"""The rules are complete, and each says why it is there."""

import pytest

from recon.rulebook import SEVERITIES, code_version, rules

CODES = [
    "MISSING_AT_PROVIDER",
    "MISSING_IN_LEDGER",
    "AMOUNT_MISMATCH",
    "CURRENCY_MISMATCH",
    "DUPLICATE_AT_PROVIDER",
    "DUPLICATE_EVENT",
    "STATUS_MISMATCH",
    "UNCONFIRMED_BEYOND_SLA",
    "FEE_VARIANCE",
    "REFUND_NOT_CLAWED_BACK",
    "CHARGEBACK_UNBOOKED",
    "WRONG_RAIL",
    "WRONG_TOKEN",
    "WRONG_DESTINATION",
    "NEGATIVE_ESCROW_BALANCE",
    "OVERDUE_TRANSITION",
    "ILLEGAL_TRANSITION",
    "SEQUENCE_GAP",
    "ARITHMETIC_BREAK",
    "UNKNOWN_CATEGORY",
    "PROVIDER_RESTATEMENT",
    "BALANCE_PROOF_BREAK",
    "PAYOUT_NOT_DEPOSITED",
    "DEPOSIT_UNEXPLAINED",
    "SAFEGUARDING_SHORTFALL",
    "SAFEGUARDING_EXCESS",
    "AMBIGUOUS",
    "SOURCE_MISSING",
    "SOURCE_CORRUPT",
]


def test_every_code_of_the_contract_has_its_rule_and_no_other_exists():
    assert sorted(rule.code for rule in rules()) == sorted(CODES)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_a_rule_says_what_it_finds_how_bad_it_is_and_why(rule):
    assert rule.title
    assert rule.reason.endswith(".")
    assert rule.owner
    assert rule.severity in SEVERITIES


def test_the_code_version_is_the_same_twice():
    assert code_version() == code_version()
