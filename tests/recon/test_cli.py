"""The command line keeps its exit statuses: 0, 1, 2 and 64."""

import subprocess
import sys

import pytest

from recon.__main__ import main
from tests.recon.day import Day
from tests.recon.folder import write


def call(*arguments):
    return main([str(argument) for argument in arguments])


@pytest.fixture
def day():
    day = Day()
    day.paid("E0")
    return day


def options(inputs, tmp_path):
    return ("--day", "2026-11-19", "--inputs", inputs, "--output", tmp_path / "out")


def test_a_reconciled_day_ends_with_0(day, tmp_path, capsys):
    inputs = write(day, tmp_path / "in")
    assert call("run", *options(inputs, tmp_path)) == 0
    assert "RECONCILED" in capsys.readouterr().out


def test_a_day_with_discrepancies_ends_with_1_and_names_them(day, tmp_path, capsys):
    day.activity.clear()
    inputs = write(day, tmp_path / "in")
    assert call("run", *options(inputs, tmp_path)) == 1
    assert "MISSING_AT_PROVIDER" in capsys.readouterr().out


def test_incomplete_inputs_end_with_2_and_say_what_to_do(tmp_path, capsys):
    assert call("run", *options(tmp_path / "nowhere", tmp_path)) == 2
    assert "manifest.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("run",),
        ("walk",),
        ("run", "--day", "tomorrow", "--inputs", "in", "--output", "out"),
        ("run", "--day", "2026-11-19", "--inputs", "in", "--output", "out", "--speed", "9"),
        ("run", "--day", "2026-11-19", "--memory-limit", "much"),
    ],
)
def test_wrong_usage_ends_with_64(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        call(*arguments)
    assert exit_.value.code == 64
    assert "usage" in capsys.readouterr().err


def test_help_shows_examples_and_exit_statuses(capsys):
    with pytest.raises(SystemExit) as exit_:
        call("run", "--help")
    assert exit_.value.code == 0
    help_text = capsys.readouterr().out
    assert "python -m recon run --day" in help_text
    assert "64 wrong usage" in help_text


def test_the_module_runs_as_a_program(day, tmp_path):
    inputs = write(day, tmp_path / "in")
    arguments = [str(option) for option in options(inputs, tmp_path)]
    done = subprocess.run([sys.executable, "-m", "recon", "run", *arguments], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("holds", ["a file", "somebody's files"])
def test_an_output_that_is_no_runs_is_refused_and_left_alone(holds, tmp_path, capsys):
    output = tmp_path / "out"
    kept = output / "letter.txt" if holds == "somebody's files" else output
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("dear all")
    assert call("run", *options(tmp_path / "nowhere", tmp_path)) == 64
    assert "--output" in capsys.readouterr().err
    assert kept.read_text() == "dear all"


def test_a_bound_on_memory_changes_no_byte(day, tmp_path):
    inputs = write(day, tmp_path / "in")
    call("run", *options(inputs, tmp_path))
    first = (tmp_path / "out" / "matches.parquet").read_bytes()
    assert call("run", *options(inputs, tmp_path), "--memory-limit", "300MB") == 0
    assert (tmp_path / "out" / "matches.parquet").read_bytes() == first


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


HOLDER = (
    "import duckdb, sys; db = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
)


def test_a_state_that_another_run_holds_leaves_the_earlier_run_alone(day, tmp_path, capsys):
    inputs, state = write(day, tmp_path / "in"), tmp_path / "state.duckdb"
    asked = ("run", *options(inputs, tmp_path), "--state", state)
    assert call(*asked) == 0
    before = contents(tmp_path / "out")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        holder.stdout.readline()
        assert call(*asked) == 64
        holder.communicate(b"\n")
    said = capsys.readouterr().err
    assert "another run holds it; wait" in said
    assert "a new one" not in said
    assert contents(tmp_path / "out") == before


def test_what_cannot_be_run_there_leaves_the_earlier_run_alone(day, tmp_path, capsys):
    inputs = write(day, tmp_path / "in")
    call("run", *options(inputs, tmp_path))
    before = contents(tmp_path / "out")
    asked, other_day = options(inputs, tmp_path), list(options(inputs, tmp_path))
    other_day[1] = "2026-11-20"
    for wrong, said in (
        ((*asked, "--state", inputs / "manifest.json"), "manifest.json"),
        ((*asked, "--state", tmp_path / "no" / "state.duckdb"), "make the folder"),
        (other_day, "holds the run of 2026-11-19"),
        ((*asked, "--memory-limit", "99999999999999GB"), "is no size"),
        ((*asked, "--spark-master", "local[*]"), "--engine spark"),
    ):
        assert call("run", *wrong) == 64
        assert said in capsys.readouterr().err
        assert contents(tmp_path / "out") == before


def test_too_little_memory_is_said_in_a_sentence(day, tmp_path, capsys):
    inputs = write(day, tmp_path / "in")
    assert call("run", *options(inputs, tmp_path), "--memory-limit", "1MB") == 64
    said = capsys.readouterr().err
    assert "--memory-limit" in said
    assert "Traceback" not in said


def test_a_verb_that_only_reads_creates_no_state(day, tmp_path, capsys):
    inputs, state = write(day, tmp_path / "in"), tmp_path / "state.duckdb"
    asked = ("--day", "2026-11-19", "--inputs", inputs, "--state", state)
    assert call("explain", "E0", *asked) == 64
    assert "is not there" in capsys.readouterr().err
    assert not state.exists()
