"""What a day tells is told alike by its next run, and what is no longer so is ended."""

import csv
import json

import openpyxl

from recon.alerts import files
from tests.recon.day import Day
from tests.recon.outcome import run
from tests.recon.test_alerts import alerts_of, busy, conforms, webhook_bodies


def test_nothing_flaps_when_a_day_is_run_again(tmp_path):
    state = tmp_path / "state.duckdb"
    first, second = (run(busy(), tmp_path, state, name) for name in ("once", "again"))
    for name in files():
        told, told_again = ((r.folder / name) for r in (first, second))
        assert told.read_bytes() == told_again.read_bytes(), name


def test_what_is_still_open_fires_on_when_the_day_is_run_on_other_files(tmp_path):
    state = tmp_path / "state.duckdb"
    day = busy()
    first = run(day, tmp_path, state, "once")
    day.row("topup", "tu_1", 5_00, "07:00")
    second = run(day, tmp_path, state, "late")
    triggers = {e["dedup_key"] for e in alerts_of(first, "pagerduty")}
    assert {e["dedup_key"] for e in alerts_of(second, "pagerduty")} >= triggers
    for event in alerts_of(second, "pagerduty"):
        assert event["event_action"] == "trigger"
    labels = [alert["labels"] for alert in alerts_of(first, "alertmanager")]
    fired = {json.dumps(a["labels"]): a for a in alerts_of(second, "alertmanager")}
    for each in labels:
        assert fired[json.dumps(each)]["endsAt"] > "2026-11-21T12:00:00Z"
    news = {body["id"] for body in webhook_bodies(first)[:-1]}
    assert {body["id"] for body in webhook_bodies(second)} >= news


def test_what_a_late_file_explains_is_resolved_everywhere(tmp_path):
    state = tmp_path / "state.duckdb"
    late = Day()
    late.paid("E0")
    complete = late.activity[:]
    late.activity.clear()
    early = run(late, tmp_path, state, name="early")
    late.activity[:] = complete
    again = run(late, tmp_path, state, name="late")
    opened = {event["dedup_key"] for event in alerts_of(early, "pagerduty")}
    events = alerts_of(again, "pagerduty")
    assert {event["dedup_key"] for event in events} == opened
    assert {event["event_action"] for event in events} == {"resolve"}
    conforms(alerts_of(again, "alertmanager"), "alertmanager")
    for alert in alerts_of(again, "alertmanager"):
        assert alert["endsAt"] == "2026-11-20T12:00:00Z"
    told = [body["type"].rpartition(".")[2] for body in webhook_bodies(again)]
    assert told == ["resolved"] * len(opened) + ["completed"]
    with (again.folder / "alerts" / "discrepancies.csv").open(newline="") as lines:
        table = list(csv.DictReader(lines))
    assert {row["discrepancy_id"] for row in table} == opened
    assert {row["state"] for row in table} == {"RESOLVED"}
    book = openpyxl.load_workbook(again.folder / "alerts" / "discrepancies.xlsx")
    assert book["Discrepancies"].max_row == 1 + len(opened)
    message = json.dumps(alerts_of(again, "slack"))
    assert "Resolved by this run" in message
    house = (again.folder / "alerts" / "events.jsonl").read_text().splitlines()
    kinds = [json.loads(line)["type"] for line in house]
    assert kinds == ["DiscrepancyResolved"] * len(opened) + ["ReconciliationCompleted"]
