"""Whether a report says what it must, and whether what it says lets a closing go on.

Each type of verification has findings of its own, by name. A report that lacks one, or
says something else, is as little use as one with bad news: both fail, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from toolkit.core.money import Currency, Money
from toolkit.messages.closing import VerificationReport, VerificationType

SHA_256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
COUNT = re.compile(r"\d{1,4}", re.ASCII)

Findings = Mapping[str, str]
Judge = Callable[[Findings, Money], str | None]


class _Unfit(Exception):  # noqa: N818 - it never leaves this file
    """A finding is missing, or is not what it should be."""


def objection(
    type: VerificationType, report: VerificationReport, price: Money
) -> str | None:
    """Say why this report cannot be accepted, or nothing."""
    if not SHA_256.fullmatch(report.report_hash):
        return "the report's hash is no SHA-256 in 64 hexadecimal digits"
    findings = {finding.name: finding.value for finding in report.findings}
    if len(findings) != len(report.findings):
        return "the report names a finding twice"
    try:
        return JUDGES[type](findings, price)
    except _Unfit as unfit:
        return f"the report cannot be used: {unfit}"


def _title(findings: Findings, _price: Money) -> str | None:
    liens = _count(findings, "liens")
    if _word(findings, "title", "CLEAR", "DEFECTIVE") == "DEFECTIVE":
        return f"the title is defective, with {liens} liens"
    return None


def _inspection(findings: Findings, _price: Money) -> str | None:
    defects = _count(findings, "defects")
    if _word(findings, "condition", "SATISFACTORY", "REPAIRS_NEEDED") == "REPAIRS_NEEDED":
        return f"repairs are needed, for {defects} defects"
    return None


def _appraisal(findings: Findings, price: Money) -> str | None:
    value = _amount(findings, "value")
    return f"{value} is less than the price of {price}" if value < price else None


def _lending(findings: Findings, price: Money) -> str | None:
    loan = _amount(findings, "loan_amount")
    if _word(findings, "decision", "APPROVED", "DENIED") == "DENIED":
        return "the loan is denied"
    return f"a loan of {loan} is more than the price" if loan > price else None


JUDGES: Mapping[VerificationType, Judge] = {
    VerificationType.TITLE_SEARCH: _title,
    VerificationType.INSPECTION: _inspection,
    VerificationType.APPRAISAL: _appraisal,
    VerificationType.LENDING: _lending,
}


def _found(findings: Findings, name: str) -> str:
    if name not in findings:
        raise _Unfit(f"{name} is missing")
    return findings[name]


def _word(findings: Findings, name: str, *words: str) -> str:
    word = _found(findings, name)
    if word not in words:
        raise _Unfit(f"{name} is {word!r:.40}, and neither {' nor '.join(words)}")
    return word


def _count(findings: Findings, name: str) -> int:
    text = _found(findings, name)
    if not COUNT.fullmatch(text):
        raise _Unfit(f"{name} is {text!r:.40}, and no count")
    return int(text)


def _amount(findings: Findings, name: str) -> Money:
    text = _found(findings, name)
    try:
        return Money.parse(text, Currency.USD)
    except ValueError as error:
        raise _Unfit(f"{name}: {error!s:.80}") from error
