"""The evidence of a run names all that decided it, and tells every later change."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from recon import discrepancies
from recon.__main__ import main
from recon.evidence.verify import compare
from recon.rulebook import ROOM
from recon.run import reconcile
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import run_folder


def call(*arguments):
    return main([str(argument) for argument in arguments])


def day_of_breaks():
    day = Day()
    day.paid("E0")
    day.paid("E1")
    day.row("charge", "ch_lost", 70_00, "06:00", escrow="E9")
    return day


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a run and its inputs."""
    folder = tmp_path_factory.mktemp("evidence")
    day = day_of_breaks()
    run_folder(day, write(day, folder / "in"), folder / "out")
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy that a test may spoil."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


def document(run, name):
    return json.loads((run / "evidence" / f"{name}.json").read_text("utf-8"))


def names(run):
    return {p.relative_to(run).as_posix() for p in run.rglob("*") if p.is_file()}


def faults(run, inputs=None, last_link=None):
    return [c.name for c in compare(run, inputs, last_link) if c.is_fault]


def test_every_file_of_a_run_is_hashed_but_the_seconds_and_the_chain(made):
    run = made / "out"
    linked = {entry["file"] for entry in document(run, "chain")["links"]}
    hashed = set(document(run, "outputs")["files"])
    assert names(run) - linked - hashed == {"timings.json", "evidence/chain.json"}


def test_the_inputs_are_named_with_hash_rows_and_control_totals(made):
    inputs = document(made / "out", "inputs")
    manifest = (made / "in" / "manifest.json").read_bytes()
    assert inputs["manifest"]["sha256"] == hashlib.sha256(manifest).hexdigest()
    [activity] = [file for file in inputs["files"] if file["source"] == "stripe_activity"]
    raw = (made / "in" / activity["path"]).read_bytes()
    assert activity["sha256"] == hashlib.sha256(raw).hexdigest()
    assert activity["rows"] == 3
    assert activity["control_totals"] == {"USD": 2 * (500_00 - 1480) + 70_00}


def test_the_parameters_name_day_code_and_state(made):
    parameters = document(made / "out", "parameters")
    assert parameters["day"] == "2026-11-19"
    assert parameters["as_of"] == "2026-11-20T12:00:00Z"
    assert parameters["code_sha256"].startswith(parameters["rule_set"]["version"])
    assert parameters["state_digest_before"]


@pytest.mark.parametrize("keeps_state", [True, False])
def test_the_copied_sql_is_what_ran_in_its_order(tmp_path, monkeypatch, keeps_state):
    ran = spied(monkeypatch)
    day = day_of_breaks()
    inputs = write(day, tmp_path / "in")
    state = tmp_path / "state.duckdb" if keeps_state else None
    reconcile(day.start.date(), inputs, tmp_path / "out", state)
    copies = sorted((tmp_path / "out/evidence/sql").glob("*.sql"))
    assert [copy.name[4:] for copy in copies] == ran


def test_the_copied_sql_of_an_incomplete_day_is_what_ran(tmp_path, monkeypatch):
    ran = spied(monkeypatch)
    (tmp_path / "in").mkdir()
    run_folder(Day(), tmp_path / "in", tmp_path / "out")
    copies = sorted((tmp_path / "out/evidence/sql").glob("*.sql"))
    assert [copy.name[4:] for copy in copies] == ran


def spied(monkeypatch):
    """The names of scripts as they are read and of rules as they are run."""
    ran = []
    read_text, run_rule = Path.read_text, discrepancies.run_rule

    def reading(path, *arguments, **options):
        if path.suffix == ".sql" and path.parent.name != "rules":
            ran.append("_".join(path.relative_to(ROOM).parts))
        return read_text(path, *arguments, **options)

    def running(db, rule):
        ran.append(f"rules_{rule.name}.sql")
        run_rule(db, rule)

    monkeypatch.setattr(Path, "read_text", reading)
    monkeypatch.setattr(discrepancies, "run_rule", running)
    return ran


def test_each_link_is_the_hash_of_the_one_before_and_a_file(made):
    chain = document(made / "out", "chain")
    previous = "0" * 64
    for entry in chain["links"]:
        raw = (made / "out" / entry["file"]).read_bytes()
        text = previous + hashlib.sha256(raw).hexdigest()
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert entry["link"] == previous
    assert chain["last_link"] == previous


def test_equal_inputs_give_equal_bytes_in_every_file(made, tmp_path):
    day = day_of_breaks()
    run_folder(day, write(day, tmp_path / "in"), tmp_path / "out")
    assert names(tmp_path / "out") == names(made / "out")
    for name in names(made / "out") - {"timings.json"}:
        assert (tmp_path / "out" / name).read_bytes() == (made / "out" / name).read_bytes()


def test_a_run_that_nobody_touched_verifies_with_its_inputs(made, capsys):
    assert call("verify", made / "out", "--inputs", made / "in") == 0
    assert "same      input stripe_activity.csv" in capsys.readouterr().out


def test_every_changed_file_is_named(folder):
    run = folder / "out"
    for name in sorted(names(run) - {"timings.json", "evidence/chain.json"}):
        raw = (run / name).read_bytes()
        (run / name).write_bytes(raw + b" ")
        assert name in faults(run)
        (run / name).write_bytes(raw)
    assert faults(run) == []


def test_a_missing_file_is_named_and_ends_with_1(folder, capsys):
    (folder / "out" / "matches.parquet").unlink()
    assert call("verify", folder / "out") == 1
    assert "matches.parquet" in capsys.readouterr().err


def test_a_changed_input_is_named(folder):
    (folder / "in" / "stripe_activity.csv").write_text("")
    assert faults(folder / "out", folder / "in") == ["input stripe_activity.csv"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"links": []}', '{"links": [{"file": 1}]}', "\xff"]
)
def test_a_chain_that_is_none_is_named(folder, text):
    (folder / "out/evidence/chain.json").write_text(text, encoding="latin-1")
    assert "evidence/chain.json" in faults(folder / "out")


def test_a_changed_link_is_told(folder):
    path = folder / "out/evidence/chain.json"
    chain = json.loads(path.read_text())
    chain["links"][0]["link"] = "0" * 64
    path.write_text(json.dumps(chain))
    assert faults(folder / "out") == ["evidence/chain.json"]


def test_a_run_forged_as_a_whole_is_told_by_the_last_link_kept_elsewhere(made, tmp_path):
    kept = document(made / "out", "chain")["last_link"]
    day = day_of_breaks()
    day.activity.pop()
    run_folder(day, write(day, tmp_path / "in"), tmp_path / "out")
    assert faults(tmp_path / "out") == []
    assert faults(tmp_path / "out", last_link=kept) == ["evidence/chain.json"]
    assert faults(made / "out", last_link=kept) == []


def test_what_came_later_is_told_and_is_no_fault(folder, capsys):
    (folder / "out" / "daily_reconciliation.html").write_text("page")
    assert call("verify", folder / "out") == 0
    assert "further   daily_reconciliation.html" in capsys.readouterr().out


def test_a_folder_without_a_run_ends_with_64(tmp_path, capsys):
    assert call("verify", tmp_path) == 64
    assert "is no run" in capsys.readouterr().err


def test_a_run_without_its_evidence_is_not_verified(folder):
    shutil.rmtree(folder / "out" / "evidence")
    assert call("verify", folder / "out") == 1


def test_an_incomplete_run_verifies_and_remembers_what_was_absent(tmp_path, capsys):
    day = day_of_breaks()
    inputs = write(day, tmp_path / "in")
    (inputs / "stripe_activity.csv").unlink()
    run_folder(day, inputs, tmp_path / "out")
    assert call("verify", tmp_path / "out", "--inputs", inputs) == 0
    assert "absent, as it was" in capsys.readouterr().out
    (inputs / "stripe_activity.csv").write_text("late")
    assert faults(tmp_path / "out", inputs) == ["input stripe_activity.csv"]


def test_a_second_run_in_the_same_folder_leaves_no_sql_of_the_first(folder):
    (folder / "in" / "manifest.json").unlink()
    run_folder(Day(), folder / "in", folder / "out")
    copies = [p.name for p in (folder / "out/evidence/sql").iterdir()]
    assert not any("matching" in name for name in copies)
    assert faults(folder / "out") == []


def test_the_run_prints_the_last_link(made, tmp_path, capsys):
    arguments = ("--day", "2026-11-19", "--inputs", made / "in", "--output", tmp_path)
    assert call("run", *arguments) == 1
    assert document(tmp_path, "chain")["last_link"] in capsys.readouterr().out
