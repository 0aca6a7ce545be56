"""Two people sign a day, and everybody can tell what they signed."""

import json

import duckdb
import pytest

from recon.__main__ import main
from recon.weight import SEVERITIES
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import run
from tests.recon.test_state import history

TODAY = "2026-11-19"


def call(*arguments):
    return main([str(argument) for argument in arguments])


def signed(folder, role, name, *further):
    return call("sign", folder, "--as", role, "--name", name, *further)


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state.duckdb"


@pytest.fixture
def day():
    day = Day(date=TODAY)
    day.paid("E0", fee=9)
    day.activity[-1]["fee"], day.activity[-1]["net"] = "0.10", "99.90"
    return day


@pytest.fixture
def broken(day, tmp_path, state):
    """A day with a fee that is not the one we booked: a fact that no later day undoes."""
    result = run(day, tmp_path, state)
    assert result.codes
    return result


def test_a_second_person_reviews_what_the_first_prepared(broken, state):
    assert signed(broken.folder, "preparer", "Ada") == 0
    assert signed(broken.folder, "reviewer", "Bob", "--state", state) == 0
    assert call("verify", broken.folder) == 0


@pytest.mark.parametrize("name", ["Ada", " ada ", "ADA"])
def test_nobody_reviews_what_they_prepared(name, broken, capsys):
    signed(broken.folder, "preparer", "Ada")
    assert signed(broken.folder, "reviewer", name) == 64
    assert "somebody else" in capsys.readouterr().err


def test_a_review_comes_after_the_preparation(broken):
    assert signed(broken.folder, "reviewer", "Bob") == 64


def test_what_was_altered_is_not_signed(broken, capsys):
    (broken.folder / "discrepancies.csv").write_text("nothing")
    assert signed(broken.folder, "preparer", "Ada") == 64
    assert "altered" in capsys.readouterr().err


@pytest.mark.parametrize("field", ["name", "note", "signed_at", "evidence", "settled"])
def test_a_signature_that_is_altered_is_told(field, broken, capsys):
    signed(broken.folder, "preparer", "Ada")
    path = broken.folder / "signoff.json"
    document = json.loads(path.read_text())
    document["signatures"][0][field] = "another"
    path.write_text(json.dumps(document))
    assert call("verify", broken.folder) == 1
    assert "signoff.json" in capsys.readouterr().err


def test_what_both_settle_is_resolved_the_next_day(day, broken, tmp_path, state):
    settle = [f"--settle={row['discrepancy_id']}=agreed by mail" for row in broken.found]
    assert signed(broken.folder, "preparer", "Ada", *settle) == 0
    assert signed(broken.folder, "reviewer", "Bob", "--state", state) == 0
    assert run(history(day), tmp_path, state).codes == []


def settled(broken, state):
    settle = [f"--settle={row['discrepancy_id']}=agreed by mail" for row in broken.found]
    assert signed(broken.folder, "preparer", "Ada", *settle) == 0
    assert signed(broken.folder, "reviewer", "Bob", "--state", state) == 0


def open_now(state, capsys):
    capsys.readouterr()
    assert call("history", "--state", state, "--open", "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_what_is_settled_after_the_next_day_has_carried_it_is_resolved(
    day, broken, tmp_path, state, capsys
):
    assert run(history(day), tmp_path, state).codes == broken.codes
    settled(broken, state)
    assert open_now(state, capsys) == []
    assert run(history(day, "2026-11-21"), tmp_path, state).codes == []


def test_what_a_later_day_finds_itself_stays_open_though_the_day_before_is_settled(
    tmp_path, state, capsys
):
    day = Day(date=TODAY)
    day.escrow("E1", 100_00, at="-4 02:00")
    broken = run(day, tmp_path, state)
    found = run(history(day), tmp_path, state).codes
    assert found == broken.codes == ["OVERDUE_TRANSITION"]
    settled(broken, state)
    assert [row["code"] for row in open_now(state, capsys)] == found


def test_a_state_of_before_is_read_and_written_on(day, broken, tmp_path, state, capsys):
    with duckdb.connect(str(state)) as db:
        db.execute("drop table carried")
    inputs = tmp_path / f"out-in-{TODAY}"
    asked = ("--day", TODAY, "--inputs", inputs, "--state", state)
    assert call("explain", "E0", *asked) == 0
    assert len(open_now(state, capsys)) == 1
    assert run(history(day), tmp_path, state).codes == broken.codes


def test_a_reviewer_names_a_state_that_is_there_and_knows_the_run(
    broken, tmp_path, state, capsys
):
    signed(broken.folder, "preparer", "Ada")
    absent, other = tmp_path / "absent.duckdb", tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as db, duckdb.connect(str(state)) as ours:
        for (made,) in ours.execute("select sql from duckdb_tables()").fetchall():
            db.execute(made)
    for wrong, said in ((absent, "is not there"), (other, "knows nothing of")):
        assert signed(broken.folder, "reviewer", "Bob", "--state", wrong) == 64
        assert said in capsys.readouterr().err
    assert not absent.exists()
    assert len(json.loads((broken.folder / "signoff.json").read_text())["signatures"]) == 1


@pytest.mark.parametrize("name", ["", "  "])
def test_nobody_signs_without_a_name(name, broken, capsys):
    assert signed(broken.folder, "preparer", name) == 64
    assert "--name is blank" in capsys.readouterr().err
    assert not (broken.folder / "signoff.json").exists()


def test_a_signed_run_is_not_written_over(broken, tmp_path, capsys):
    signed(broken.folder, "preparer", "Ada")
    inputs = tmp_path / f"out-in-{TODAY}"
    again = ("run", "--day", TODAY, "--inputs", inputs, "--output", broken.folder)
    assert call(*again) == 64
    assert "give another folder" in capsys.readouterr().err
    assert call("verify", broken.folder) == 0


def test_what_only_one_settles_stays_open(day, broken, tmp_path, state):
    settle = [f"--settle={row['discrepancy_id']}=agreed by mail" for row in broken.found]
    signed(broken.folder, "preparer", "Ada", *settle)
    assert run(history(day), tmp_path, state).codes == broken.codes


def test_a_discrepancy_that_is_not_there_cannot_be_settled(broken, capsys):
    assert signed(broken.folder, "preparer", "Ada", "--settle", "d_0=why not") == 64
    assert "no open discrepancy" in capsys.readouterr().err


def test_a_run_done_again_writes_the_same_bytes(day, broken, tmp_path, state, capsys):
    run(history(day), tmp_path, state)
    again = ("verify", broken.folder, "--again", "--state", state)
    inputs = tmp_path / f"out-in-{TODAY}"
    assert call(*again, "--inputs", inputs) == 0
    assert "again discrepancies.parquet" in capsys.readouterr().out
    other = Day(date=TODAY)
    other.paid("E7")
    assert call(*again, "--inputs", write(other, tmp_path / "other")) == 1


def test_history_tells_every_day_and_what_became_of_a_discrepancy(
    day, broken, tmp_path, state, capsys
):
    run(history(day), tmp_path, state)
    assert call("history", "--state", state, "--json") == 0
    runs = json.loads(capsys.readouterr().out)
    assert [one["business_date"] for one in runs] == [TODAY, "2026-11-20"]
    [row] = broken.found
    arguments = ("history", "--state", state, "--discrepancy", row["discrepancy_id"])
    assert call(*arguments, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in told["days"]] == ["OPEN", "OPEN"]
    assert call("history", "--state", state, "--open") == 0
    assert row["discrepancy_id"] in capsys.readouterr().out


def test_what_is_open_is_listed_the_gravest_first_and_of_them_the_largest(
    tmp_path, state, capsys
):
    day = Day(date=TODAY)
    for name, fee in (("E0", 14_79), ("E1", 7_00)):  # where 14.80 was booked
        day.escrow(name, 500_00)
        day.money("PaymentSucceeded", name, 500_00, f"ch_{name}", "03:00", fee=14_80)
        day.held(name, "03:00")
        day.row("charge", f"ch_{name}", 500_00, "03:00", fee=fee, escrow=name)
    day.row("charge", "ch_E9", 1, "10:00", escrow="E9")  # that nobody here knows of
    run(day, tmp_path, state)

    assert call("history", "--state", state, "--open", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    keys = [(one["severity"], abs(one["difference_minor"] or 0)) for one in found]
    assert keys == sorted(keys, key=lambda k: (SEVERITIES.index(k[0]), -k[1]))
    assert len({severity for severity, _ in keys}) > 1
    fees = [one["subject"] for one in found if one["code"] == "FEE_VARIANCE"]
    assert fees == ["E1", "E0"]


def test_a_state_that_is_none_is_said_to_be_none(tmp_path, capsys):
    assert call("history", "--state", tmp_path / "nothing.duckdb") == 64
    assert "is not there" in capsys.readouterr().err


def test_two_runs_that_say_the_same_have_no_difference(broken, capsys):
    assert call("diff", broken.folder, broken.folder) == 0
    assert "the same" in capsys.readouterr().out


def test_a_difference_names_what_appeared(broken, tmp_path, capsys):
    clean = Day(date=TODAY)
    clean.paid("E0")
    other = run(clean, tmp_path, name="clean")
    assert call("diff", other.folder, broken.folder, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    appeared = [row["code"] for row in told["discrepancies"] if row["change"] == "appeared"]
    assert appeared == broken.codes
    assert "inputs" in told
