"""The alerts say what the run found, in each receiver's own terms and within its limits."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from recon.alerts import (
    SCHEMAS,
    alertmanager,
    pagerduty,
    prometheus,
    slack,
    spreadsheet,
    webhook,
)
from recon.alerts.findings import Finding, Findings
from tests.recon.day import Day
from tests.recon.outcome import run, run_folder

JSON_FORMATS = ("alertmanager", "pagerduty", "slack")
AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLAIN = Finding(
    discrepancy_id="dsc_" + "0" * 24,
    code="AMOUNT_MISMATCH",
    severity="HIGH",
    owner="payments",
    rule="amount_mismatch",
    rail="STRIPE",
    subject="E0",
    provider_ref="ch_E0",
    event_id="e0",
    expected_minor=500_00,
    actual_minor=499_95,
    difference_minor=-5,
    currency="USD",
    occurred_at=datetime(2026, 11, 19, 3, tzinfo=UTC),
    first_seen_at=AS_OF,
    age_hours=33,
    state="OPEN",
    explanation="Booked with 500.00 USD, moved 499.95 USD.",
    nearest_candidate=None,
)


def findings(*found):
    return Findings(date(2026, 11, 19), AS_OF, "EXCEPTIONS", "run_" + "0" * 32, found)


def numbered(count, **changes):
    return [
        replace(PLAIN, discrepancy_id=f"dsc_{number:024x}", **changes)
        for number in range(count)
    ]


def conforms(document, name):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)


def alerts_of(result, name):
    return json.loads((result.folder / "alerts" / f"{name}.json").read_text("utf-8"))


def records(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def busy():
    """Breaks on both rails, two of one code, and an input's own trouble with formulas."""
    day = Day()
    for number in range(3):
        day.paid(f"E{number}", 100_00 + number)
    day.activity[0] |= {"gross": "99.00", "net": "84.20"}
    day.row("charge", "ch_lost", 70_00, "06:00", escrow="E9")
    day.row("charge", "ch_gone", 71_00, "06:00", escrow="=HYPERLINK(1)")
    day.deposited("C2", row=False, at="-1 03:00")
    return day


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return run(busy(), tmp_path_factory.mktemp("alerts"))


@pytest.fixture(scope="module")
def incomplete(tmp_path_factory):
    folder = tmp_path_factory.mktemp("incomplete")
    (folder / "in").mkdir()
    return run_folder(Day(), folder / "in", folder / "out")


@pytest.mark.parametrize("name", JSON_FORMATS)
def test_each_format_conforms_to_the_schema_beside_it(result, name):
    beside = result.folder / "alerts" / f"{name}.schema.json"
    assert beside.read_bytes() == (SCHEMAS / beside.name).read_bytes()
    conforms(alerts_of(result, name), name)


@pytest.mark.parametrize("name", JSON_FORMATS)
def test_an_incomplete_day_alerts_too(incomplete, name):
    document = alerts_of(incomplete, name)
    conforms(document, name)
    assert "SOURCE_MISSING" in json.dumps(document)


def test_every_discrepancy_reaches_every_machine(result):
    ids = [row["discrepancy_id"] for row in result.table("discrepancies")]
    named = [
        identity
        for alert in alerts_of(result, "alertmanager")
        for identity in alert["annotations"]["discrepancy_ids"].split()
    ]
    table = (result.folder / "alerts/discrepancies.csv").read_text("utf-8")
    assert sorted(named) == sorted(ids)
    assert [event["dedup_key"] for event in alerts_of(result, "pagerduty")] == ids
    assert [record["discrepancy_id"] for record in records(table)] == ids


def test_discrepancies_of_one_kind_are_one_alert_whose_labels_hold_no_id_or_amount():
    [alert] = alertmanager.alerts(findings(*numbered(3)))
    assert alert["labels"] == {
        "alertname": "ReconciliationDiscrepancy",
        "recon": "escrow",
        "code": "AMOUNT_MISMATCH",
        "severity": "HIGH",
        "rail": "STRIPE",
        "currency": "USD",
    }
    assert alert["annotations"]["count"] == "3"
    assert alert["annotations"]["difference"] == "-0.15 USD"


def test_no_two_alerts_have_the_same_labels(result):
    labels = [json.dumps(alert["labels"]) for alert in alerts_of(result, "alertmanager")]
    assert len(labels) == len(set(labels))


def test_a_firing_alert_lasts_until_after_the_next_run():
    first_seen_at = datetime(2026, 11, 18, 12, tzinfo=UTC)
    older = replace(PLAIN, first_seen_at=first_seen_at)
    [alert] = alertmanager.alerts(findings(PLAIN, older))
    assert alert["startsAt"] == "2026-11-18T12:00:00Z"
    assert alert["endsAt"] == "2026-11-21T18:00:00Z"


def test_an_alert_ends_when_all_its_discrepancies_are_resolved():
    [alert] = alertmanager.alerts(findings(*numbered(2, state="RESOLVED")))
    assert alert["endsAt"] == "2026-11-20T12:00:00Z"


def test_an_alert_fires_as_long_as_one_of_its_discrepancies_is_open():
    resolved, other = numbered(2, state="RESOLVED")
    is_open = replace(other, state="REOPENED")
    [alert] = alertmanager.alerts(findings(resolved, is_open))
    assert alert["endsAt"] == "2026-11-21T18:00:00Z"
    assert alert["annotations"]["discrepancy_ids"] == is_open.discrepancy_id


def test_what_grew_graver_ends_its_former_alert_and_is_not_told_twice():
    graver = replace(PLAIN, severity="CRITICAL", severity_before="HIGH")
    new, former = alertmanager.alerts(findings(graver))
    assert (new["labels"]["severity"], former["labels"]["severity"]) == (
        "CRITICAL",
        "HIGH",
    )
    assert new["endsAt"] == "2026-11-21T18:00:00Z"
    assert former["endsAt"] == "2026-11-20T12:00:00Z"


def test_a_former_alert_goes_on_where_others_are_still_of_its_severity():
    graver = replace(PLAIN, severity="CRITICAL", severity_before="HIGH")
    [other] = numbered(1)
    other = replace(other, discrepancy_id="dsc_" + "1" * 24)
    _, former = alertmanager.alerts(findings(graver, other))
    assert former["annotations"]["discrepancy_ids"] == other.discrepancy_id
    assert former["endsAt"] == "2026-11-21T18:00:00Z"


def test_what_has_no_rail_has_no_rail_label():
    [alert] = alertmanager.alerts(findings(replace(PLAIN, rail=None)))
    assert "rail" not in alert["labels"]


def test_a_resolved_discrepancy_resolves_its_incident():
    [event] = pagerduty.events(findings(replace(PLAIN, state="RESOLVED")))
    conforms([event], "pagerduty")
    assert event["event_action"] == "resolve"
    assert event["dedup_key"] == PLAIN.discrepancy_id


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("CRITICAL", "critical"), ("HIGH", "error"), ("MEDIUM", "warning"), ("LOW", "info")],
)
def test_a_severity_becomes_the_one_of_the_pager(severity, expected):
    [event] = pagerduty.events(findings(replace(PLAIN, severity=severity)))
    assert event["payload"]["severity"] == expected


def test_a_long_explanation_keeps_to_the_pager_s_limit():
    [event] = pagerduty.events(findings(replace(PLAIN, explanation="x" * 5000)))
    assert len(event["payload"]["summary"]) == 1024


def test_an_amount_beyond_every_float_reaches_the_pager_exactly():
    huge = replace(PLAIN, actual_minor=12345678901234567891, currency="USDC")
    [event] = pagerduty.events(findings(huge))
    assert event["payload"]["custom_details"]["actual"] == "12345678901234.567891"


@pytest.mark.parametrize("count", [0, 1, 11, 3000])
@pytest.mark.parametrize("explanation", ["short", "&" * 4000])
def test_a_message_keeps_the_limits_whatever_the_day_was_like(count, explanation):
    found = numbered(count, explanation=explanation, subject=explanation)
    closed = [replace(one, state="RESOLVED") for one in found]
    document = slack.message(findings(*found, *closed))
    conforms(document, "slack")
    assert len(json.dumps(document, ensure_ascii=False)) < 13_200


def test_the_message_tells_the_worst_first():
    minor, worst = numbered(2)
    document = slack.message(findings(minor, replace(worst, severity="CRITICAL")))
    told = [block["text"]["text"] for block in document["blocks"] if "text" in block]
    assert [text for text in told if "CRITICAL" in text] == [told[2]]


def test_the_message_names_what_is_resolved():
    document = slack.message(findings(*numbered(7, state="RESOLVED")))
    told = "".join(block["text"]["text"] for block in document["blocks"] if "text" in block)
    assert told.count("~AMOUNT_MISMATCH~ E0") == 5
    assert "and 2 more" in told


def test_text_from_elsewhere_mentions_nobody():
    document = slack.message(findings(replace(PLAIN, explanation="<!channel> & co")))
    text = json.dumps(document)
    assert "<!channel>" not in text
    assert "&lt;!channel&gt; &amp; co" in text


@given(text=st.text(alphabet="=+-@\t\r\n \uff1d\uff0b\uff0d\uff20'\",a1"))
def test_no_text_is_a_formula_and_none_is_lost(text):
    found = replace(PLAIN, subject=text, provider_ref=text, explanation=text)
    [record] = records(spreadsheet.table(findings(found)))
    conforms(record, "discrepancies")
    assert record["subject"] in {text, f"'{text}"}


@given(
    minor=st.integers(-(10**37), 10**37), currency=st.sampled_from(["USD", "USDC", "JPY"])
)
def test_an_amount_is_exact_in_the_spreadsheet(minor, currency):
    found = replace(PLAIN, difference_minor=minor, currency=currency)
    [record] = records(spreadsheet.table(findings(found)))
    places = {"USD": 2, "USDC": 6, "JPY": 0}[currency]
    assert Decimal(record["difference"]) == Decimal(f"{minor}E-{places}")
    conforms(record, "discrepancies")


def test_a_negative_amount_stays_a_number():
    [record] = records(spreadsheet.table(findings(PLAIN)))
    assert record["difference"] == "-0.05"


def test_what_is_settled_the_next_day_ends_its_alert_and_its_incident(tmp_path):
    state = tmp_path / "state.duckdb"
    day = Day()
    day.escrow("E1", 100_00, at="-4 02:00")
    [opened] = alerts_of(run(day, tmp_path, state), "pagerduty")
    following = Day(date="2026-11-20", events=list(day.events))
    following.offsets, following.versions = dict(day.offsets), dict(day.versions)
    following.event("EscrowCancelled", "E1", "02:00", reason="TIMEOUT")
    settled = run(following, tmp_path, state)
    [alert] = alerts_of(settled, "alertmanager")
    [event] = alerts_of(settled, "pagerduty")
    assert (alert["startsAt"], alert["endsAt"]) == (
        "2026-11-20T12:00:00Z",
        "2026-11-21T12:00:00Z",
    )
    assert event["event_action"] == "resolve"
    assert event["dedup_key"] == opened["dedup_key"]


def test_prometheus_reads_the_days_figures():
    from prometheus_client.parser import text_string_to_metric_families

    found = findings(*numbered(3), *numbered(2, severity="LOW", state="RESOLVED"))
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(prometheus.text(found))
        for sample in family.samples
    }
    prefix = "escrow_reconciliation"
    assert samples[f"{prefix}_discrepancies", "HIGH"] == 3
    assert samples[f"{prefix}_discrepancies", "LOW"] == 0, "those are resolved"
    assert samples[f"{prefix}_verdict", "EXCEPTIONS"] == 1
    assert samples[f"{prefix}_verdict", "RECONCILED"] == 0
    day = datetime(2026, 11, 19, tzinfo=UTC).timestamp()
    assert samples[(f"{prefix}_business_date_timestamp_seconds",)] == day


def webhook_bodies(result):
    lines = (result.folder / "alerts" / "webhook.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_message_for_the_house_conforms_to_the_schema_beside_it(result, incomplete):
    for run_ in (result, incomplete):
        text = (run_.folder / "alerts" / "events.jsonl").read_text("utf-8")
        for line in text.splitlines():
            conforms(json.loads(line), "events")


def test_every_discrepancy_is_a_webhook_and_the_run_is_the_last(result):
    bodies = webhook_bodies(result)
    for body in bodies:
        conforms(body, "webhook")
    ids = [row["discrepancy_id"] for row in result.table("discrepancies")]
    assert [body["data"].get("discrepancy_id") for body in bodies] == [*ids, None]
    assert bodies[-1]["type"] == "reconciliation.completed"
    assert len({body["id"] for body in bodies}) == len(bodies)


def test_an_incomplete_day_is_told_by_webhook_too(incomplete):
    for body in webhook_bodies(incomplete):
        conforms(body, "webhook")
    assert webhook_bodies(incomplete)[-1]["data"]["verdict"] == "INCOMPLETE"


def test_an_amount_in_a_webhook_is_exact_text():
    huge = replace(PLAIN, actual_minor=12345678901234567891, currency="USDC")
    detected, completed = map(json.loads, webhook.lines(findings(huge)).splitlines())
    assert detected["data"]["difference"] == "12345678901234.517891"
    assert completed["data"]["totals"][0]["difference_minor"] == "-5"
