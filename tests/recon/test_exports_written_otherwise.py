"""An export that is written in another way says the same, once the manifest says so."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import run_folder
from tests.recon.sources import replace, rows_of, told
from tests.recon.test_inputs import entry, manifest_of, refused, rewrite, save, text

AMOUNTS = {
    "stripe_activity": ("gross", "fee", "net"),
    "stripe_payouts": ("gross", "fee", "net"),
    "stripe_summary": ("net_amount",),
}
CLOCKS = {
    "stripe_activity": {"created_utc": "created", "available_on_utc": "available_on"},
    "stripe_payouts": {"effective_at_utc": "effective_at"},
}


@pytest.fixture
def day():
    day = Day(date="2026-11-01")  # the clocks of New York go back in its morning
    day.paid("E0", at="04:10")
    day.paid("E1", at="05:10")
    day.paid("E2", at="06:10")
    day.deposited("C0")
    day.payout("A", 100_00, "05:00")
    day.credit("trace-A", 100_00)
    return day


@pytest.fixture
def inputs(day, tmp_path):
    return write(day, tmp_path / "in")


def in_zone(rows, clocks, zone):
    """The same rows as a download in the account's zone has them: local times alone."""
    return [
        {
            clocks.get(column, column): local(cell, zone) if column in clocks else cell
            for column, cell in row.items()
        }
        for row in rows
    ]


def local(cell, zone):
    moment = datetime.fromisoformat(cell).replace(tzinfo=UTC)
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("source", ["stripe_activity", "stripe_payouts"])
def test_times_of_a_zone_are_the_times_of_utc(day, inputs, source):
    expected = told(day, inputs, source)
    day_rows = rows_of(inputs, source)
    kept = in_zone(day_rows, CLOCKS[source], "Asia/Kathmandu")
    replace(inputs, source, kept, timezone="Asia/Kathmandu")
    assert told(day, inputs, source) == expected


def test_an_hour_that_comes_twice_is_read_as_the_first(day, inputs, tmp_path):
    rows = in_zone(
        rows_of(inputs, "stripe_activity"), CLOCKS["stripe_activity"], "America/New_York"
    )
    assert {row["created"][11:13] for row in rows} == {"00", "01"}
    replace(inputs, "stripe_activity", rows, timezone="America/New_York")
    assert run_folder(day, inputs, tmp_path / "out").exit_status == 0
    created = {row[3]: row[-2] for row in told(day, inputs, "stripe_activity")}
    assert f"{created['ch_E1']}" == "2026-11-01 05:10:00"
    assert f"{created['ch_E2']}" == "2026-11-01 05:10:00"


def test_a_time_that_spring_leaves_out_is_refused(tmp_path):
    day = Day(date="2026-03-08")
    day.paid("E0", at="07:30")
    inputs = write(day, tmp_path / "in")
    [row] = in_zone(
        rows_of(inputs, "stripe_activity"), CLOCKS["stripe_activity"], "America/New_York"
    )
    row["created"] = "2026-03-08 02:30:00"
    replace(inputs, "stripe_activity", [row], timezone="America/New_York")
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_activity")
    assert "row 1, column created: '2026-03-08 02:30:00'" in said
    assert "created_utc" in said


def test_a_doubled_hour_at_the_border_of_the_day_is_refused(tmp_path):
    # In Jerusalem 01:30 comes at 22:30 UTC and again at 23:30, in the day's last hour.
    day = Day(date="2026-10-24")
    day.paid("E0", at="22:30")
    inputs = write(day, tmp_path / "in")
    zone = "Asia/Jerusalem"
    rows = in_zone(rows_of(inputs, "stripe_activity"), CLOCKS["stripe_activity"], zone)
    assert rows[0]["created"] == "2026-10-25 01:30:00"
    replace(inputs, "stripe_activity", rows, timezone=zone)
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_activity")
    assert "row 1, column created: '2026-10-25 01:30:00' comes twice" in said


def test_local_times_without_a_zone_are_not_guessed(day, inputs, tmp_path):
    rows = in_zone(rows_of(inputs, "stripe_activity"), CLOCKS["stripe_activity"], "UTC")
    replace(inputs, "stripe_activity", rows)
    manifest = manifest_of(inputs)
    del entry(manifest, "stripe_activity")["timezone"]
    save(inputs, manifest)
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_activity")
    assert "timezone" in said


@pytest.mark.parametrize("source", AMOUNTS)
def test_a_declared_decimal_comma_is_a_point(day, inputs, source):
    expected = told(day, inputs, source)
    rows = rows_of(inputs, source)
    for row in rows:
        row.update({name: row[name].replace(".", ",") for name in AMOUNTS[source]})
    replace(inputs, source, rows, decimal_separator=",", delimiter=";")
    assert told(day, inputs, source) == expected


@pytest.mark.parametrize("source", AMOUNTS)
def test_declared_minor_units_are_moved_digit_by_digit(day, inputs, source):
    expected = told(day, inputs, source)
    rows = rows_of(inputs, source)
    for row in rows:
        row.update(
            {name: str(int(Decimal(row[name]).scaleb(2))) for name in AMOUNTS[source]}
        )
    replace(inputs, source, rows, units="minor")
    assert told(day, inputs, source) == expected


@pytest.mark.parametrize(
    ("bad", "dialect"),
    [
        ("500,00", {}),
        ("500.00", {"decimal_separator": ","}),
        ("1.500,00", {"decimal_separator": ","}),
        ("500.00", {"units": "minor"}),
    ],
)
def test_an_amount_that_is_not_written_as_announced(day, inputs, tmp_path, bad, dialect):
    rows = rows_of(inputs, "stripe_activity")
    others = {"fee": "0", "net": "0"}
    rows = [row | others for row in rows]
    rows[0]["gross"] = bad
    replace(inputs, "stripe_activity", rows, **dialect)
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_activity")
    assert f"stripe_activity.csv: row 1, column gross: {bad!r}" in said
    assert "decimal_separator" in said or "units" in said


def test_an_amount_beyond_what_a_float_holds_keeps_its_last_digit(day, inputs):
    rows = rows_of(inputs, "stripe_activity")
    rows[0].update(gross="90071992547409,93", fee="0", net="90071992547409,93")
    rows = [
        {
            k: v.replace(".", ",") if k in {"gross", "fee", "net"} else v
            for k, v in r.items()
        }
        for r in rows
    ]
    replace(inputs, "stripe_activity", rows, decimal_separator=",")
    grosses = {row[6] for row in told(day, inputs, "stripe_activity")}
    assert 9007199254740993 in grosses


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-16", None),
        ("utf-16-le", "utf-16-le"),
        ("windows-1252", "windows-1252"),
        ("utf-8-sig", None),
    ],
)
def test_an_encoding_is_marked_or_declared(day, inputs, encoding, said):
    rows = rows_of(inputs, "stripe_activity")
    rows[0]["description"] = "Möbel 5 €"
    replace(inputs, "stripe_activity", rows)
    expected = told(day, inputs, "stripe_activity")
    declared = {"encoding": said} if said else {}
    content = text(inputs, "stripe_activity").encode(encoding)
    manifest = manifest_of(inputs)
    entry(manifest, "stripe_activity").update(declared)
    save(inputs, manifest)
    rewrite(inputs, "stripe_activity", content)
    assert told(day, inputs, "stripe_activity") == expected


def test_an_undeclared_encoding_is_refused_and_the_remedy_named(day, inputs, tmp_path):
    rows = rows_of(inputs, "stripe_activity")
    rows[0]["description"] = "Möbel 5 €"
    replace(inputs, "stripe_activity", rows, encoding="windows-1252")
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_activity")
    assert '"encoding"' in said


def test_a_semicolon_that_nobody_declared(day, inputs, tmp_path):
    rewrite(
        inputs, "stripe_payouts", text(inputs, "stripe_payouts").replace(",", ";"), rows=1
    )
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_payouts")
    assert '"delimiter"' in said


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "qif"),
        ("timezone", "Mars/Olympus"),
        ("encoding", "klingon"),
        ("units", "pounds"),
        ("decimal_separator", "·"),
    ],
)
def test_a_way_of_writing_that_nobody_knows(day, inputs, tmp_path, key, value):
    manifest = manifest_of(inputs)
    entry(manifest, "stripe_activity")[key] = value
    save(inputs, manifest)
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_activity")
    assert f"{key} {value!r}" in said


@pytest.mark.parametrize("source", ["stripe_activity", "custodian_transactions"])
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_header_alone_is_a_day_without_activity(tmp_path, source, ending):
    day = Day()
    inputs = write(day, tmp_path / "in")
    header = text(inputs, source).splitlines()[0]
    rewrite(inputs, source, header + ending, rows=0)
    assert run_folder(day, inputs, tmp_path / "out").exit_status == 0


@pytest.mark.parametrize("name", ["stripe_activity.csv", "bank_statement.xml"])
def test_a_file_of_no_bytes_is_no_day_without_activity(day, inputs, tmp_path, name):
    source = name.partition(".")[0]
    rewrite(inputs, source, "", rows=0)
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", source)
    assert name in said
    assert "empty" in said


def test_the_usual_form_may_be_named(day, inputs, tmp_path):
    manifest = json.loads((inputs / "manifest.json").read_text())
    named = {
        "stripe_activity": "balance_change_from_activity.itemized.7",
        "bank_statement": "camt.053.001.08",
        "custodian_transactions": "CSV",
        "escrow_events": "Parquet",
    }
    for file in manifest["files"]:
        if file["source"] in named:
            file["format"] = named[file["source"]]
    save(inputs, manifest)
    assert run_folder(day, inputs, tmp_path / "out").exit_status == 0


def test_what_was_paid_out_row_by_row_adds_up_to_its_payout(day, inputs):
    expected = told(day, inputs, "stripe_payouts")
    [payout] = rows_of(inputs, "stripe_payouts")
    parts = [("120.00", "3.80", "116.20"), ("-16.20", "0.00", "-16.20")]
    rows = [
        {
            "automatic_payout_id": payout["payout_id"],
            "automatic_payout_effective_at": payout["effective_at_utc"],
            "balance_transaction_id": f"txn_{number}",
            "currency": "usd",
            **dict(zip(("gross", "fee", "net"), amounts, strict=True)),
            "trace_id": payout["trace_id"],
        }
        for number, amounts in enumerate(parts)
    ]
    replace(inputs, "stripe_payouts", rows, format="payout_reconciliation.itemized.7")
    manifest = manifest_of(inputs)
    entry(manifest, "stripe_payouts")["rows"] = 2
    save(inputs, manifest)
    [found] = told(day, inputs, "stripe_payouts")
    # The report has no balance transaction of the payout's own: its id stands in.
    assert found == (expected[0][0], expected[0][0], *expected[0][2:])
