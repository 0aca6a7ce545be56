"""An input that cannot be trusted is named, with the place and the remedy."""

import hashlib
import json

import duckdb
import pytest

from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import run, run_folder

SOURCES = (
    *("escrow_events", "stripe_activity", "stripe_summary", "stripe_payouts"),
    *("custodian_transactions", "bank_statement"),
)


@pytest.fixture
def day():
    day = Day()
    day.paid("E0")
    day.deposited("C0")
    day.payout("A", 100_00, "00:00")
    day.credit("trace-A", 100_00)
    return day


@pytest.fixture
def inputs(day, tmp_path):
    return write(day, tmp_path / "in")


def manifest_of(inputs):
    return json.loads((inputs / "manifest.json").read_text())


def save(inputs, manifest):
    (inputs / "manifest.json").write_text(json.dumps(manifest))


def entry(manifest, source):
    [found] = [file for file in manifest["files"] if file["source"] == source]
    return found


def rewrite(inputs, source, content, rows=None):
    """Replace a file and let the manifest agree with its bytes."""
    manifest = manifest_of(inputs)
    file = entry(manifest, source)
    raw = content if isinstance(content, bytes) else content.encode()
    (inputs / file["path"]).write_bytes(raw)
    file["sha256"] = hashlib.sha256(raw).hexdigest()
    if rows is not None:
        file["rows"] = rows
    save(inputs, manifest)


def text(inputs, source):
    return (inputs / f"{source}.csv").read_text()


def refused(day, inputs, tmp_path, code, source):
    """The one fault of the inputs, as its explanation."""
    result = run_folder(day, inputs, tmp_path / "out")
    assert (result.exit_status, result.summary["verdict"]) == (2, "INCOMPLETE")
    assert result.summary["proofs"] == []
    [row] = result.found
    assert (row["code"], row["subject"]) == (code, source)
    return row["explanation"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_file_that_is_absent(day, inputs, tmp_path, source):
    next(inputs.glob(f"{source}.*")).unlink()
    assert source in refused(day, inputs, tmp_path, "SOURCE_MISSING", source)


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_is_not_in_the_manifest(day, inputs, tmp_path, source):
    manifest = manifest_of(inputs)
    manifest["files"].remove(entry(manifest, source))
    save(inputs, manifest)
    refused(day, inputs, tmp_path, "SOURCE_MISSING", source)


@pytest.mark.parametrize("source", SOURCES)
def test_a_file_that_was_altered(day, inputs, tmp_path, source):
    path = next(inputs.glob(f"{source}.*"))
    path.write_bytes(path.read_bytes() + b"\n")
    assert "sha256" in refused(day, inputs, tmp_path, "SOURCE_CORRUPT", source)


@pytest.mark.parametrize("source", SOURCES)
def test_another_number_of_rows_than_announced(day, inputs, tmp_path, source):
    manifest = manifest_of(inputs)
    entry(manifest, source)["rows"] += 1
    save(inputs, manifest)
    assert "rows" in refused(day, inputs, tmp_path, "SOURCE_CORRUPT", source)


@pytest.mark.parametrize(
    "source", [source for source in SOURCES if "escrow" not in source][:-1]
)
def test_a_required_column_that_is_missing(day, inputs, tmp_path, source):
    header, rest = text(inputs, source).split("\n", 1)
    lost = header.strip().split(",")[1]
    rewrite(inputs, source, header.replace(lost, "renamed") + "\n" + rest)
    assert lost in refused(day, inputs, tmp_path, "SOURCE_CORRUPT", source)


def test_events_without_a_required_column(day, inputs, tmp_path):
    path = inputs / "escrow_events.parquet"
    bare = tmp_path / "bare.parquet"
    duckdb.sql(f"copy (select * exclude (payload) from '{path}') to '{bare}'")
    rewrite(inputs, "escrow_events", bare.read_bytes())
    assert "payload" in refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "escrow_events")


@pytest.mark.parametrize(
    "cell",
    [
        ("stripe_activity", "gross", "500.00,14.80", "5OO.00,14.80"),
        ("stripe_activity", "gross", "500.00,14.80", "500.005,14.80"),
        ("stripe_activity", "gross", "500.00,14.80", "5e2,14.80"),
        ("stripe_activity", "fee", "500.00,14.80", "500.00,"),
        ("stripe_payouts", "effective_at_utc", "2026-11-19 00:00:00", "yesterday"),
        ("custodian_transactions", "amount_base_units", "20000000000", "20000000000.5"),
        ("custodian_transactions", "decimals", ",6,", ",six,"),
        ("custodian_transactions", "direction", ",IN,", ",SIDEWAYS,"),
    ],
)
def test_a_bad_cell_is_named_by_file_row_and_column(day, inputs, tmp_path, cell):
    source, column, good, bad = cell
    content = text(inputs, source)
    assert good in content
    rewrite(inputs, source, content.replace(good, bad, 1))
    explanation = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", source)
    assert f"{source}.csv: row 1, column {column}:" in explanation


def test_a_csv_that_ends_in_the_middle_of_a_row(day, inputs, tmp_path):
    content = text(inputs, "stripe_activity").rstrip()
    rewrite(inputs, "stripe_activity", content[: content.rindex(",charge")])
    assert "RFC 4180" in refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_activity")


def test_a_csv_that_ends_within_a_quoted_field(day, inputs, tmp_path):
    content = text(inputs, "stripe_activity").replace(",ch_E0", ',"ch_E0', 1)
    rewrite(inputs, "stripe_activity", content)
    refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_activity")


def test_a_csv_that_is_not_utf_8(day, inputs, tmp_path):
    content = text(inputs, "stripe_activity").encode().replace(b"ch_E0", b"ch_\xff", 1)
    rewrite(inputs, "stripe_activity", content)
    refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_activity")


def test_a_payload_that_is_no_json(day, tmp_path):
    day.events[3]["payload"] = '{"escrow_id": '
    result = run(day, tmp_path)
    [row] = result.found
    assert row["code"] == "SOURCE_CORRUPT"
    assert "row 4, column payload" in row["explanation"]


def test_an_event_whose_amount_is_no_whole_number(day, tmp_path):
    day.events[3]["payload"]["amount"]["minor"] = 12.5
    [row] = run(day, tmp_path).found
    assert "row 4, column payload" in row["explanation"]


@pytest.mark.parametrize("content", ["<Document><Stmt>", "no xml", "<Document/>"])
def test_a_statement_that_is_no_camt(day, inputs, tmp_path, content):
    rewrite(inputs, "bank_statement", content, rows=0)
    refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "bank_statement")


def test_a_statement_that_would_expand_entities(day, inputs, tmp_path):
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Document>&b;</Document>'
    rewrite(inputs, "bank_statement", bomb, rows=0)
    refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "bank_statement")


def test_a_statement_without_closing_balance(day, inputs, tmp_path):
    content = (inputs / "bank_statement.xml").read_text().replace("CLBD", "ITBD")
    rewrite(inputs, "bank_statement", content)
    assert "CLBD" in refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "bank_statement")


def test_every_version_of_the_statement_is_read(day, inputs, tmp_path):
    content = (inputs / "bank_statement.xml").read_text()
    for version in ("053.001.14", "053.001.08"):
        rewrite(inputs, "bank_statement", content.replace("053.001.02", version))
        assert run_folder(day, inputs, tmp_path / version).exit_status == 0


def test_an_interval_that_does_not_cover_the_day(day, inputs, tmp_path):
    manifest = manifest_of(inputs)
    entry(manifest, "stripe_activity")["interval_end"] = "2026-11-19T18:00:00Z"
    save(inputs, manifest)
    refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_activity")


@pytest.mark.parametrize("content", ["", "[]", '{"business_date": 7}', "not json"])
def test_a_manifest_that_cannot_be_read(day, inputs, tmp_path, content):
    (inputs / "manifest.json").write_text(content)
    refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "manifest.json")


def test_a_folder_without_manifest(day, tmp_path):
    refused(day, tmp_path / "nowhere", tmp_path, "SOURCE_MISSING", "manifest.json")


def test_the_manifest_of_another_day(day, inputs, tmp_path):
    manifest = manifest_of(inputs) | {"business_date": "2026-11-18"}
    save(inputs, manifest)
    refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "manifest.json")


def test_all_faults_are_told_at_once(day, inputs, tmp_path):
    (inputs / "stripe_activity.csv").unlink()
    (inputs / "stripe_payouts.csv").write_text("altered")
    result = run_folder(day, inputs, tmp_path / "out")
    assert result.codes == ["SOURCE_CORRUPT", "SOURCE_MISSING"]


def test_further_columns_and_unknown_keys_are_no_fault(day, inputs, tmp_path):
    header, rest = text(inputs, "stripe_activity").split("\n", 1)
    rows = "\n".join(f"{row.rstrip()},=1+1" for row in rest.splitlines())
    rewrite(inputs, "stripe_activity", f"{header.rstrip()},card_brand\n{rows}\n")
    save(inputs, manifest_of(inputs) | {"schema_note": {"ignored": True}})
    assert run_folder(day, inputs, tmp_path / "out").exit_status == 0


def test_a_line_break_in_a_quoted_field_is_part_of_the_field(day, tmp_path):
    day.activity[0]["description"] = 'two lines\r\nof "text", order 5\n'
    assert run(day, tmp_path).exit_status == 0


def test_a_byte_order_mark_is_no_part_of_the_first_name(day, inputs, tmp_path):
    rewrite(inputs, "stripe_activity", "\ufeff" + text(inputs, "stripe_activity"))
    assert run_folder(day, inputs, tmp_path / "out").exit_status == 0


def test_a_summary_that_states_a_balance_twice(day, inputs, tmp_path):
    content = text(inputs, "stripe_summary")
    again = content + content.splitlines()[-1] + "\n"
    rewrite(inputs, "stripe_summary", again, rows=5)
    assert "2 times" in refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_summary")


def test_a_summary_without_its_ending_balance(day, inputs, tmp_path):
    shorter = "\n".join(text(inputs, "stripe_summary").splitlines()[:-1]) + "\n"
    rewrite(inputs, "stripe_summary", shorter, rows=3)
    assert "ending_balance" in refused(
        day, inputs, tmp_path, "SOURCE_CORRUPT", "stripe_summary"
    )
