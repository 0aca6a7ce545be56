"""A folder is read exactly, or it is said what is wrong with it."""

import json

import pytest

from recon.pages.run import DamagedRunError, NoRunError, load
from tests.notebooks import made


def test_amounts_are_read_as_the_integers_they_are(tmp_path):
    huge = 10**37 + 1
    run = load(
        made.run(tmp_path, discrepancies=[made.discrepancy(expected=0, actual=huge)])
    )
    assert run.discrepancies[0]["actual_minor"] == huge


def test_what_is_settled_is_not_open(tmp_path):
    settled = made.discrepancy("FEE_VARIANCE", state="RESOLVED")
    again = made.discrepancy(state="REOPENED")
    run = load(made.run(tmp_path, discrepancies=[settled, again]))
    assert [row["code"] for row in run.open] == ["AMOUNT_MISMATCH"]
    assert [row["code"] for row in run.settled] == ["FEE_VARIANCE"]


def test_pairs_are_added_up_by_size_and_not_by_sign(tmp_path):
    pairs = [made.match(5_00), made.match(-7_00, match_id="mat_2", row_minor=-6_99)]
    [pair] = load(made.run(tmp_path, matches=pairs)).pairs
    assert (pair["match_id_count"], pair["booked_minor_sum"]) == (2, 12_00)
    assert pair["row_minor_sum"] == 11_99


@pytest.mark.parametrize("make", [lambda path: path / "nowhere", lambda path: path])
def test_a_folder_without_a_summary_is_no_run(tmp_path, make):
    with pytest.raises(NoRunError, match=r"no run.*python -m recon run"):
        load(make(tmp_path))


@pytest.mark.parametrize("name", ["discrepancies", "matches", "in_transit"])
def test_a_missing_table_is_told_by_name(tmp_path, name):
    (made.run(tmp_path) / f"{name}.parquet").unlink()
    with pytest.raises(DamagedRunError, match=rf"{name}\.parquet is not there"):
        load(tmp_path)


def test_a_truncated_table_is_told_by_name(tmp_path):
    path = made.run(tmp_path) / "matches.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DamagedRunError, match=r"matches\.parquet is unreadable"):
        load(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"verdict": "FINE"}'])
def test_a_damaged_summary_is_told(tmp_path, text):
    (made.run(tmp_path) / "summary.json").write_text(text)
    with pytest.raises(DamagedRunError, match="damaged"):
        load(tmp_path)


def test_an_unknown_verdict_is_never_shown(tmp_path):
    path = made.run(tmp_path) / "summary.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"verdict": "FINE"}))
    with pytest.raises(DamagedRunError, match="FINE"):
        load(tmp_path)
