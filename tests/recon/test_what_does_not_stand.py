"""What is wrong with a manifest is never green, and what a dead run left does not stand."""

import json
import subprocess
import sys

import pytest

import recon.run
from recon.__main__ import main
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import only, run_folder
from tests.recon.test_inputs import rewrite

RANGE = {"topic": "t", "partition": 0, "first_offset": 0}


@pytest.fixture
def inputs(tmp_path):
    day = Day()
    day.paid("E0")
    return write(day, tmp_path / "in")


def run(inputs, output, day="2026-11-19"):
    asked = ["run", "--day", day, "--inputs", str(inputs), "--output", str(output)]
    return main(asked)


def change(inputs, **changed):
    path = inputs / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def positions(inputs):
    return json.loads((inputs / "manifest.json").read_text())["positions"]


@pytest.mark.parametrize(
    "changed",
    [
        {"as_of": "2026-11-18T23:59:59Z"},
        {"as_of": "9999-12-31T00:00:00Z"},
        {"as_of": "9999-12-31T23:00:00-14:00"},
        {"offset_ranges": [{**RANGE, "last_offset": 10**30}]},
        {"offset_ranges": [{**RANGE, "first_offset": 9, "last_offset": 3}]},
        {"offset_ranges": [{**RANGE, "first_offset": -1, "last_offset": 3}]},
        {"offset_ranges": [{**RANGE, "last_offset": 3}, {**RANGE, "last_offset": 9}]},
    ],
    ids=[
        *("before the day", "no year of ours", "out of time", "no offset"),
        *("a range that goes back", "a range before the first", "ranges that overlap"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(inputs, tmp_path, changed, capsys):
    change(inputs, **changed)
    assert run(inputs, tmp_path / "out") == 2
    assert "manifest.json" in capsys.readouterr().err


def test_a_position_of_no_rail_disarms_no_proof(inputs, tmp_path):
    change(inputs, positions=[{**positions(inputs)[0], "rail": "STRIPES"}])
    assert run(inputs, tmp_path / "out") == 2


def test_a_rail_in_small_letters_is_that_rail(inputs, tmp_path):
    small = [{**each, "rail": each["rail"].lower()} for each in positions(inputs)]
    change(inputs, positions=small)
    assert run(inputs, tmp_path / "out") == 0


def test_a_position_that_is_stated_twice_is_refused(inputs, tmp_path):
    change(inputs, positions=[*positions(inputs), positions(inputs)[0]])
    assert run(inputs, tmp_path / "out") == 2


@pytest.mark.parametrize("word", ["infinity", "epoch", "0001-01-01 00:00:00"])
def test_a_word_is_no_time(tmp_path, word):
    day = Day()
    day.paid("E0")
    day.activity[0]["created_utc"] = word
    assert run(write(day, tmp_path / "in"), tmp_path / "out") == 2


@pytest.mark.parametrize("day", ["20261119", "2026-W47-4", "2026-02-30"])
def test_a_day_is_written_in_one_way(inputs, tmp_path, day, capsys):
    with pytest.raises(SystemExit) as refused:
        run(inputs, tmp_path / "out", day)
    assert refused.value.code == 64
    assert "2026-11-19" in capsys.readouterr().err


def test_a_run_that_dies_leaves_no_earlier_verdict_and_can_be_repeated(
    inputs, tmp_path, monkeypatch, capsys
):
    output = tmp_path / "out"
    assert run(inputs, output) == 0
    with monkeypatch.context() as patch:
        patch.setattr(recon.run, "_conclude", lambda *_: 1 // 0)
        assert run(inputs, output) == 70
    assert "our mistake" in capsys.readouterr().err
    assert not (output / "summary.json").exists()
    assert run(inputs, output) == 0
    assert not (output / "unfinished").exists()


def entries(inputs, **changed):
    """The manifest's files, with something else said of some of them."""
    files = json.loads((inputs / "manifest.json").read_text())["files"]
    return [file | changed.get(file["source"], {}) for file in files]


@pytest.mark.parametrize("encoding", ["rot13", "hex", "base64", "no such"])
def test_what_encodes_no_text_is_refused_and_named(inputs, tmp_path, encoding, capsys):
    change(inputs, files=entries(inputs, stripe_activity={"encoding": encoding}))
    assert run(inputs, tmp_path / "out") == 2
    assert f"encoding {encoding!r} is not known" in capsys.readouterr().err


def test_stripe_files_of_several_accounts_are_refused(inputs, tmp_path, capsys):
    change(inputs, files=entries(inputs, stripe_summary={"account": "acct_other"}))
    assert run(inputs, tmp_path / "out") == 2
    assert "stripe_summary is of acct_other" in capsys.readouterr().err


def test_no_account_is_no_account_called_none(inputs, tmp_path, capsys):
    change(inputs, files=entries(inputs, bank_statement={"account": None}))
    assert run(inputs, tmp_path / "out") == 2
    assert "account is null" in capsys.readouterr().err


def test_our_own_events_need_no_account(inputs, tmp_path):
    change(inputs, files=entries(inputs, escrow_events={"account": None}))
    assert run(inputs, tmp_path / "out") == 0


def test_empty_offset_ranges_are_told_and_never_pass_for_no_gap(inputs, tmp_path, capsys):
    change(inputs, offset_ranges=[])
    assert run(inputs, tmp_path / "out") == 0
    assert "No gap in the offsets was looked for" in capsys.readouterr().err
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["not_judged"]


@pytest.mark.parametrize("decimals", ["31", "255"])
def test_decimals_that_no_token_has_are_named(tmp_path, decimals, capsys):
    day = Day()
    day.deposited("C0")
    day.custody[0]["decimals"] = decimals
    assert run(write(day, tmp_path / "in"), tmp_path / "out") == 2
    assert f"row 1, column decimals: '{decimals}'" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["check", "explain"])
def test_inputs_that_are_not_there_are_incomplete_and_no_wrong_usage(tmp_path, verb):
    asked = ["--day", "2026-11-19", "--inputs", str(tmp_path / "nowhere")]
    more = ["E0"] if verb == "explain" else ["--output", str(tmp_path / "out")]
    assert main([verb, *more, *asked]) == 2


def test_a_category_of_the_summary_that_nobody_knows_is_told_with_its_amount(tmp_path):
    day = Day()
    day.paid("E0")
    inputs = write(day, tmp_path / "in")
    rows = (inputs / "stripe_summary.csv").read_text() + "reserve,12.34,usd\n"
    rewrite(inputs, "stripe_summary", rows, rows=5)
    result = run_folder(day, inputs, tmp_path / "out")
    only(result, "UNKNOWN_CATEGORY", provider_ref="reserve", actual_minor=12_34)


def test_the_parts_of_the_stated_figures_are_known(tmp_path):
    day = Day()
    day.paid("E0")
    inputs = write(day, tmp_path / "in")
    rows = (inputs / "stripe_summary.csv").read_text() + "activity_gross,500.00,usd\n"
    rewrite(inputs, "stripe_summary", rows, rows=5)
    assert run_folder(day, inputs, tmp_path / "out").codes == []


def test_a_run_that_was_killed_leaves_nothing_that_passes_for_its_result(
    inputs, tmp_path, monkeypatch, capsys
):
    assert run(inputs, tmp_path / "out") == 0

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(recon.run, "judge", killed)
    with pytest.raises(KeyboardInterrupt):
        run(inputs, tmp_path / "out")
    monkeypatch.undo()
    left = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert not left & {"summary.json", "slack.json", "discrepancies.csv", "chain.json"}
    hook = ["--to", "webhook=http://127.0.0.1:9/", "--run", str(tmp_path / "out")]
    monkeypatch.setenv("RECON_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert main(["send", *hook]) == 64
    assert "unfinished" in capsys.readouterr().err
    assert run(inputs, tmp_path / "out") == 0
    assert not (tmp_path / "out" / "unfinished").exists()


def test_what_a_killed_run_spilled_goes_with_the_next_one(inputs, tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / "out" / f"recon-{gone.pid}-abc"
    assert run(inputs, tmp_path / "out") == 0
    left.mkdir()
    (left / "block").write_text("spilled")
    assert run(inputs, tmp_path / "out") == 0
    assert not left.exists()
