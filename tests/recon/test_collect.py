"""A folder of inputs gathered from archive and exports reconciles as one made by hand."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from recon.__main__ import main
from recon.run import reconcile
from tests.recon.day import TREASURY, Day
from tests.recon.folder import write
from tests.recon.outcome import Result
from tests.recon.test_public_sample import DAYS, SAMPLE, named, truth


def archive(events, folder: Path) -> Path:
    """Events as the archive keeps them: a file for each stretch of a partition."""
    for topic, partition in (
        events.distinct().project("topic, partition").distinct().fetchall()
    ):
        target = folder / topic / str(partition)
        target.mkdir(parents=True)
        part = events.filter(f"topic = '{topic}' and partition = {partition}")
        offsets = part.project('"offset"').distinct().order('"offset"').fetchall()
        for number in range(0, len(offsets), 40):
            first = offsets[number][0]
            last = offsets[min(number + 39, len(offsets) - 1)][0]
            stretch = part.filter(f'"offset" between {first} and {last}').distinct()
            stretch.order('"offset"').write_parquet(str(target / f"{first}.parquet"))
    return folder


@pytest.fixture
def made(tmp_path):
    """A day's folder made by hand, its archive and its exports."""
    day = Day()
    day.paid("E0")
    day.deposited("C0")
    day.escrow("E1", 100_00, at="-9 02:00")
    day.event("EscrowCancelled", "E1", "-8 02:00", reason="BUYER")
    inputs = write(day, tmp_path / "hand")
    with duckdb.connect() as db:
        archive(
            db.read_parquet(str(inputs / "escrow_events.parquet")), tmp_path / "archive"
        )
    exports = tmp_path / "exports"
    exports.mkdir()
    for path in (*inputs.glob("*.csv"), *inputs.glob("*.xml")):
        shutil.copy(path, exports)
    return day, inputs, tmp_path


def collect(made, *options):
    _, inputs, tmp_path = made
    positions = json.loads((inputs / "manifest.json").read_text())["positions"]
    own = [
        ":".join(
            str(position[name])
            for name in (
                *("rail", "currency", "own_funds_opening_minor", "own_funds_closing_minor"),
                *("holding_opening_minor", "holding_closing_minor"),
            )
            if name in position
        )
        for position in positions
    ]
    flags = [option for text in own for option in ("--own-funds", text)]
    return main(
        [
            *("collect", "--day", "2026-11-19", "--archive", str(tmp_path / "archive")),
            *("--exports", str(tmp_path / "exports"), "--output", str(tmp_path / "in")),
            *("--own-address", TREASURY, *flags, *options),
        ]
    )


def reconciled(tmp_path, day="2026-11-19"):
    outcome = reconcile(Day(date=day).start.date(), tmp_path / "in", tmp_path / "out", None)
    return Result(tmp_path / "out", outcome.exit_status)


def test_what_was_collected_reconciles(made):
    assert collect(made) == 0
    assert reconciled(made[2]).exit_status == 0


def test_escrows_that_ended_long_ago_stay_in_the_archive(made):
    collect(made)
    path = made[2] / "in" / "escrow_events.parquet"
    found = {
        row[0]
        for row in duckdb.sql(f"select distinct aggregate_id from '{path}'").fetchall()
    }
    assert found == {"E0", "C0"}


def test_the_ranges_are_the_offsets_of_the_day(made):
    collect(made)
    manifest = json.loads((made[2] / "in" / "manifest.json").read_text())
    spans = {(span["topic"], span["first_offset"]) for span in manifest["offset_ranges"]}
    of_day = [event for event in made[0].events if event["occurred_at"] >= made[0].start]
    firsts = {
        (topic, min(event["offset"] for event in of_day if event["topic"] == topic))
        for topic in {event["topic"] for event in of_day}
    }
    assert spans >= firsts


def test_an_event_that_the_archive_lost_is_a_gap(made):
    day, _, tmp_path = made
    lost = next(
        event["offset"]
        for event in day.events
        if (event["aggregate_id"], event["event_type"]) == ("C0", "EscrowAwaitFunds")
    )
    [path] = (tmp_path / "archive" / "escrow.events.v1" / "0").glob("*.parquet")
    kept = tmp_path / "kept.parquet"
    duckdb.sql(f"""copy (from '{path}' where "offset" <> {lost}) to '{kept}'""")
    shutil.move(kept, path)
    assert collect(made) == 0
    assert reconciled(tmp_path).codes == ["SEQUENCE_GAP"]


def test_an_absent_export_is_left_out_and_told(made, capsys):
    (made[2] / "exports" / "stripe_payouts.csv").unlink()
    assert collect(made) == 2
    assert "stripe_payouts" in capsys.readouterr().err
    assert reconciled(made[2]).codes == ["SOURCE_MISSING"]


def test_no_activity_has_to_be_stated(made):
    exports = made[2] / "exports"
    (exports / "bank_statement.xml").unlink()
    assert collect(made) == 2
    assert collect(made, "--no-bank-activity") == 0
    assert reconciled(made[2]).exit_status == 0


def test_a_stated_absence_that_an_export_contradicts_is_wrong_usage(made):
    assert collect(made, "--no-custodian-activity") == 64


def test_a_position_that_cannot_be_read_is_wrong_usage(made):
    with pytest.raises(SystemExit) as exit_:
        collect(made, "--own-funds", "STRIPE:USD:1.5:2")
    assert exit_.value.code == 64


def test_an_archive_without_events_is_incomplete(made):
    shutil.rmtree(made[2] / "archive")
    assert collect(made) == 2


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the public sample days are not there")
@pytest.mark.parametrize("day", DAYS)
def test_the_public_days_come_out_of_an_archive_as_they_were(day, tmp_path):
    with duckdb.connect() as db:
        days = [str(SAMPLE / name / "escrow_events.parquet") for name in DAYS]
        archive(db.read_parquet(days).distinct(), tmp_path / "archive")
    manifest = json.loads((SAMPLE / day / "manifest.json").read_text())
    own = []
    for position in manifest["positions"]:
        names = ("rail", "currency", "own_funds_opening_minor", "own_funds_closing_minor")
        names += (
            ("holding_opening_minor", "holding_closing_minor") if len(position) > 4 else ()
        )
        own += ["--own-funds", ":".join(str(position[name]) for name in names)]
    for address in manifest["own_addresses"]:
        own += ["--own-address", address]
    accounts = {file["source"]: file["account"] for file in manifest["files"]}
    status = main(
        [
            *("collect", "--day", day, "--archive", str(tmp_path / "archive")),
            *("--exports", str(SAMPLE / day), "--output", str(tmp_path / "in")),
            *("--as-of", manifest["as_of"], "--stripe-account", accounts["stripe_summary"]),
            *("--custodian-account", accounts["custodian_transactions"]),
            *("--bank-account", accounts["bank_statement"], *own),
        ]
    )
    assert status == 0
    expected = {named(item) for item in truth(day)["discrepancies"]}
    assert {named(row) for row in reconciled(tmp_path, day).found} == expected


def manifest(made):
    return json.loads((made[2] / "in" / "manifest.json").read_text())


def entry(made, source):
    [found] = [file for file in manifest(made)["files"] if file["source"] == source]
    return found


def test_an_export_that_is_written_in_another_way_is_collected_with_its_word(made):
    path = made[2] / "exports" / "stripe_activity.csv"
    path.write_text(path.read_text().replace(",", ";"), encoding="utf-16")
    said = ("stripe_activity:delimiter=;", "stripe_activity:encoding=utf-16")
    assert collect(made, *(word for one in said for word in ("--as", one))) == 0
    assert entry(made, "stripe_activity")["delimiter"] == ";"
    assert reconciled(made[2]).exit_status == 0


def test_a_time_zone_and_a_format_reach_the_manifest(made):
    (made[2] / "exports" / "bank_statement.xml").rename(
        made[2] / "exports" / "bank_statement.camt"
    )
    options = ("stripe_payouts:timezone=America/New_York", "bank_statement:format=camt.053")
    assert collect(made, *(word for one in options for word in ("--as", one))) == 0
    assert entry(made, "stripe_payouts")["timezone"] == "America/New_York"
    assert entry(made, "bank_statement")["path"] == "bank_statement.camt"
    assert reconciled(made[2]).exit_status == 0


def test_a_quoted_line_break_is_no_further_record(made):
    path = made[2] / "exports" / "stripe_activity.csv"
    header, first, *rest = path.read_text().splitlines()
    cells = first.split(",")
    cells[header.split(",").index("description")] = '"two\nlines"'
    path.write_text("\n".join([header, ",".join(cells), *rest]) + "\n")
    assert collect(made) == 0
    assert entry(made, "stripe_activity")["rows"] == 1 + len(rest)
    assert reconciled(made[2]).exit_status == 0


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("stripe_activity:encoding=rot13", "encoding 'rot13' is not known"),
        ("stripe_activity:colour=red", "'colour' says nothing"),
        ("bank_statement:format=pdf", "format 'pdf' is not known"),
    ],
)
def test_a_word_that_no_reader_understands_is_refused(made, capsys, word, told):
    assert collect(made, "--as", word) == 64
    assert told in capsys.readouterr().err
    assert not (made[2] / "in").exists()


def test_an_export_that_cannot_be_read_is_named_and_nothing_is_decided(made, capsys):
    (made[2] / "exports" / "bank_statement.xml").write_text("<Document>")
    assert collect(made) == 2
    assert "bank_statement.xml: not readable as XML" in capsys.readouterr().err


def test_two_exports_of_one_source_are_one_too_many(made, capsys):
    folder = made[2] / "exports"
    (folder / "bank_statement.xml").rename(folder / "bank_statement.sta")
    shutil.copy(folder / "bank_statement.sta", folder / "bank_statement.bai")
    assert collect(made) == 64
    assert "leave one of them" in capsys.readouterr().err
