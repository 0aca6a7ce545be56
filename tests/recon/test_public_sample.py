"""The public sample days, held strictly against their truth."""

import json
from datetime import date
from pathlib import Path

import pytest

from recon.run import reconcile
from tests.recon.outcome import Result

SAMPLE = Path(__file__).parents[2] / "../shared/data/finance-day"
DAYS = ("2026-11-17", "2026-11-18", "2026-11-19")
pytestmark = pytest.mark.skipif(
    not SAMPLE.is_dir(), reason="the public sample days are not beside the project"
)


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "with state"])
def results(request, tmp_path_factory):
    """The three days one after the other, and whether they knew each other."""
    folder = tmp_path_factory.mktemp("sample")
    state = folder / "state.duckdb" if request.param else None
    found = {day: reconciled(day, SAMPLE / day, folder / day, state) for day in DAYS}
    return found, request.param


def reconciled(day, inputs, output, state=None):
    outcome = reconcile(date.fromisoformat(day), inputs, output, state)
    return Result(output, outcome.exit_status)


def truth(day):
    return json.loads((SAMPLE / "truth" / f"{day}.json").read_text())


def named(item):
    return (item["code"], item["subject"], item["provider_ref"])


def priced(item, fields):
    return {name: item[name] for name in fields}


@pytest.mark.parametrize("day", DAYS)
def test_the_verdict_is_the_true_one(results, day):
    found, with_state = results
    suffix = "_with_state" if with_state else ""
    expected = (truth(day)[f"verdict{suffix}"], truth(day)[f"exit_status{suffix}"])
    assert (found[day].summary["verdict"], found[day].exit_status) == expected


@pytest.mark.parametrize("day", DAYS)
def test_every_discrepancy_is_found_and_no_other(results, day):
    found, with_state = results
    expected = {
        named(item)
        for item in truth(day)["discrepancies"]
        if with_state or not item["needs_state"]
    }
    may_carry = {named(item) for item in truth(day)["may_carry"]} if with_state else set()
    listed = [named(row) for row in found[day].found]
    assert set(listed) - may_carry == expected
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("day", DAYS)
def test_every_discrepancy_has_its_event_rail_and_amounts(results, day):
    found, _ = results
    rows = {named(row): row for row in found[day].found}
    for item in truth(day)["discrepancies"]:
        fields = ["event_id", "rail", "currency", *item["check"]]
        if item["code"] not in {"WRONG_RAIL", "WRONG_TOKEN"}:
            fields.append("difference_minor")
        assert priced(rows[named(item)], fields) == priced(item, fields)


@pytest.mark.parametrize("day", DAYS)
def test_exactly_the_true_items_are_in_transit(results, day):
    found, with_state = results
    fields = ("kind", "subject", "provider_ref", "rail", "amount_minor", "currency")
    expected = [
        item
        for item in truth(day)["in_transit"]
        if not (with_state and item["only_without_state"])
    ]
    expected += [{"kind": "PAYOUT", **item} for item in truth(day)["payouts_under_way"]]
    listed = found[day].table("in_transit")
    assert sorted(map(str, (priced(row, fields) for row in listed))) == sorted(
        str(
            priced(item, fields)
            | {"amount_minor": type(listed[0]["amount_minor"])(item["amount_minor"])}
        )
        for item in expected
    )


@pytest.mark.parametrize("day", DAYS)
def test_every_proof_has_its_figures_and_its_causes(results, day):
    found, _ = results
    proofs = found[day].summary["proofs"]
    for expected in truth(day)["proofs"]:
        keys = ("kind", "rail", "account", "currency")
        [proof] = [
            proof for proof in proofs if priced(proof, keys) == priced(expected, keys)
        ]
        figures = [
            name for name in expected if name.endswith("_minor") and "also" not in name
        ]
        assert priced(proof, figures) == priced(expected, figures)
        fields = ("code", "subject", "provider_ref", "effect_minor")
        causes = [priced(cause, fields) for cause in proof["explained_by"]]
        assert sorted(map(str, causes)) == sorted(map(str, expected["explained_by"]))


def test_a_day_without_one_of_its_files_is_incomplete(tmp_path):
    result = reconciled("2026-11-19", SAMPLE / "incomplete", tmp_path)
    assert (result.summary["verdict"], result.exit_status) == ("INCOMPLETE", 2)
    assert [(row["code"], row["subject"]) for row in result.found] == [
        ("SOURCE_MISSING", "stripe_activity")
    ]
    assert result.summary["proofs"] == []
