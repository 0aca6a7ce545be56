"""Plants about the whole day: payouts, balances, restated rows and broken files."""

import json
from pathlib import Path

from tests.recon.day import IBAN, STRIPE_ACCOUNT, VAULT, major
from tests.recon.golden.plan import Draft, Finding, in_usdc

Findings = tuple[Finding, ...]


def a_payout_that_never_arrived(day: Draft, name: str, minor: int) -> Findings:
    day.payout(name, minor, "-3 22:00")
    return (Finding("PAYOUT_NOT_DEPOSITED", f"po_{name}", f"trace-{name}", minor, 0),)


def a_payout_of_which_only_another_amount_came(
    day: Draft, name: str, minor: int
) -> Findings:
    """Without a trace nothing but the amount could tell that the credit is its own."""
    day.payout(name, minor, "-3 22:00", trace_id="")
    day.credit(f"RF-{name}", minor - 1, -2)
    return (
        Finding("PAYOUT_NOT_DEPOSITED", f"po_{name}", f"po_{name}", minor, 0),
        Finding("DEPOSIT_UNEXPLAINED", IBAN, f"RF-{name}", 0, minor - 1),
    )


def a_credit_from_nowhere(day: Draft, name: str, minor: int) -> Findings:
    day.credit(f"RF-{name}", minor, -day.dice.randrange(3))
    return (Finding("DEPOSIT_UNEXPLAINED", IBAN, f"RF-{name}", 0, minor),)


def a_payout_that_came_twice(day: Draft, name: str, minor: int) -> Findings:
    day.payout(name, minor, "00:00")
    day.credit(f"trace-{name}", minor)
    day.credit(f"trace-{name}", minor)
    return (Finding("DEPOSIT_UNEXPLAINED", IBAN, f"trace-{name}", 0, minor),)


def unbalanced(subject: str) -> Findings:
    return (Finding("BALANCE_PROOF_BREAK", subject),)


def an_ending_that_does_not_follow(day: Draft, _name: str, minor: int) -> Findings:
    day.summary_slip["ending_balance"] = -minor
    return unbalanced(STRIPE_ACCOUNT)


def items_that_are_not_the_activity(day: Draft, _name: str, minor: int) -> Findings:
    day.summary_slip |= {"activity": minor, "ending_balance": minor}
    return unbalanced(STRIPE_ACCOUNT)


def payouts_that_are_not_the_summarys(day: Draft, _name: str, minor: int) -> Findings:
    day.summary_slip |= {"payouts": minor, "ending_balance": minor}
    return unbalanced(STRIPE_ACCOUNT)


def an_activity_that_fits_nothing(day: Draft, _name: str, minor: int) -> Findings:
    """Two equations fail: the roll-forward and that of the items."""
    day.summary_slip["activity"] = minor
    return unbalanced(STRIPE_ACCOUNT) * 2


def a_holding_that_does_not_follow(day: Draft, _name: str, minor: int) -> Findings:
    day.summary_slip["holding_closing"] = in_usdc(minor)
    return unbalanced(VAULT)


def a_bank_that_cannot_add(day: Draft, _name: str, minor: int) -> Findings:
    day.bank_slip = minor
    return unbalanced(IBAN)


def money_that_is_short_at_stripe(day: Draft, _name: str, minor: int) -> Findings:
    day.own_funds_slip["STRIPE"] = minor
    return (Finding("SAFEGUARDING_SHORTFALL", STRIPE_ACCOUNT),)


def money_that_is_short_at_the_custodian(day: Draft, _name: str, minor: int) -> Findings:
    day.own_funds_slip["CUSTODIAN"] = minor
    return (Finding("SAFEGUARDING_SHORTFALL", VAULT),)


def too_much_at_stripe(day: Draft, _name: str, minor: int) -> Findings:
    day.own_funds_slip["STRIPE"] = -minor
    return (Finding("SAFEGUARDING_EXCESS", STRIPE_ACCOUNT),)


def too_much_at_the_custodian(day: Draft, _name: str, _minor: int) -> Findings:
    day.own_funds_slip["CUSTODIAN"] = -1
    return (Finding("SAFEGUARDING_EXCESS", VAULT),)


def restated(subject: str, ref: str) -> Findings:
    return (Finding("PROVIDER_RESTATEMENT", subject, ref),)


def a_charge_that_was_rewritten(day: Draft, name: str, minor: int) -> Findings:
    assert day.before
    day.before.paid(name, minor, at="04:00", fee=310)
    day.activity.append(
        day.before.activity[-1] | {"gross": major(minor + 9), "net": major(minor - 301)}
    )
    day.holds_already.add(f"ch_{name}")
    return restated(name, f"ch_{name}")


def a_description_that_was_rewritten(day: Draft, name: str, minor: int) -> Findings:
    assert day.before
    day.before.paid(name, minor, at="04:00", fee=310)
    day.activity.append(day.before.activity[-1] | {"description": "rewritten"})
    day.holds_already.add(f"ch_{name}")
    return restated(name, f"ch_{name}")


def a_transaction_that_was_rewritten(day: Draft, name: str, minor: int) -> Findings:
    assert day.before
    day.before.deposited(name, in_usdc(minor), at="03:00")
    changed = {"tx_hash": f"0xreorg{name}", "updated_at": f"{day.date}T09:00:00Z"}
    day.custody.append(day.before.custody[-1] | changed)
    day.holds_already.add(f"in-{name}")
    return restated(name, f"in-{name}")


def a_payout_that_was_rewritten(day: Draft, name: str, minor: int) -> Findings:
    assert day.before
    for written, ago, amount in ((day.before, 0, minor), (day, -1, minor - 10_00)):
        written.payout(name, amount, f"{ago} 00:00")
        written.credit(f"trace-{name}", minor, ago)
    return restated(f"po_{name}", f"trace-{name}")


def missing_source(source: str) -> Findings:
    return (Finding("SOURCE_MISSING", source),)


def a_source_that_nobody_announced(day: Draft, _name: str, _minor: int) -> Findings:
    day.damage.append(lambda folder: _announce(folder, "stripe_payouts", None))
    return missing_source("stripe_payouts")


def a_file_that_is_absent(day: Draft, _name: str, _minor: int) -> Findings:
    day.damage.append(lambda folder: (folder / "custodian_transactions.csv").unlink())
    return missing_source("custodian_transactions")


def corrupt(source: str) -> Findings:
    return (Finding("SOURCE_CORRUPT", source),)


def a_file_that_was_cut_off(day: Draft, _name: str, _minor: int) -> Findings:
    def cut(folder: Path) -> None:
        path = folder / "stripe_activity.csv"
        path.write_bytes(path.read_bytes()[:-9])

    day.damage.append(cut)
    return corrupt("stripe_activity")


def a_row_count_that_is_not_so(day: Draft, _name: str, _minor: int) -> Findings:
    day.damage.append(lambda folder: _announce(folder, "escrow_events", {"rows": 3}))
    return corrupt("escrow_events")


def a_statement_that_is_no_statement(day: Draft, _name: str, _minor: int) -> Findings:
    def spoil(folder: Path) -> None:
        (folder / "bank_statement.xml").write_text("<html>service unavailable</html>")

    day.damage.append(spoil)
    return corrupt("bank_statement")


def _announce(folder: Path, source: str, changed: dict | None) -> None:
    """Say otherwise of a source in the manifest, or nothing at all."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"] = [
        entry | (changed or {}) if entry["source"] == source else entry
        for entry in manifest["files"]
        if changed or entry["source"] != source
    ]
    path.write_text(json.dumps(manifest))
