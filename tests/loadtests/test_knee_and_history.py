"""The knee, two commits side by side, and figures that changed for good."""

import json
from random import Random

import pytest

from loadtests import history
from loadtests.compare import compared, interleaved
from loadtests.judge import judged
from loadtests.knee import knee_of, search
from loadtests.profiles import ProfileWrong


def bends_at(knee):
    """Answer for each rate the verdict of a platform that holds up to here."""
    return lambda rate: judged({"drain_s": knee}, [], {"drain_s": rate}, [])


def test_the_knee_lies_between_the_last_that_held_and_the_first_that_did_not():
    steps = search(bends_at(5.2), [2, 4, 8], refinements=2)

    assert [step.rate_per_s for step in steps] == [2, 4, 8, 6, 5]
    assert knee_of(steps) == 5


def test_nothing_is_tried_beyond_what_failed():
    assert [s.rate_per_s for s in search(bends_at(1), [2, 4, 8], refinements=3)] == [2]
    assert knee_of(search(bends_at(1), [2, 4], refinements=1)) is None


def test_where_everything_held_the_knee_was_not_reached():
    assert all(step.held for step in search(bends_at(99), [2, 4, 8], refinements=3))


def sides(slower_by):
    random = Random(7)
    return interleaved(
        lambda side, _: {
            "p50": random.gauss(100, 4) * (slower_by if side == "b" else 1.0),
            "commits": 12.0,
        },
        6,
    )


def test_a_commit_that_is_a_quarter_slower_is_told_from_noise():
    assert [line.figure for line in compared(sides(1.25)) if line.is_worse] == ["p50"]


@pytest.mark.parametrize("ratio", [1.0, 0.8])
def test_one_that_is_no_slower_is_left_in_peace(ratio):
    assert not any(line.is_worse for line in compared(sides(ratio)))


def test_sides_take_turns_in_going_first():
    played = []
    interleaved(lambda side, _: played.append(side) or {}, 3)

    assert "".join(played) == "abbaab"


def kept(tmp_path, values):
    for number, value in enumerate(values):
        run = tmp_path / f"run-{number}"
        run.mkdir()
        row = {"kind": "OPEN", "name": "GET /", "p50_ms": value, "p99_ms": 50.0}
        (run / "summary.json").write_text(
            json.dumps(
                {
                    "machine": {"commit": f"commit-{number}"},
                    "mix": "look",
                    "shape": "steady",
                    "rate_per_s": 5.0,
                    "latencies": [row],
                }
            )
        )
        assert history.append(tmp_path / "history.csv", run) == 2
    return history.changes(tmp_path / "history.csv")


def test_a_figure_that_changed_for_good_is_dated(tmp_path):
    random = Random(3)
    values = [random.gauss(100, 3) for _ in range(8)]
    values += [random.gauss(130, 3) for _ in range(8)]

    (change,) = kept(tmp_path, values)

    assert change.commit == "commit-8"
    assert 1.25 < change.after / change.before < 1.35


def test_a_figure_that_only_trembles_has_not_changed(tmp_path):
    random = Random(4)

    assert kept(tmp_path, [random.gauss(100, 10) for _ in range(16)]) == []


def test_a_file_that_is_no_history_is_refused(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")

    with pytest.raises(ProfileWrong, match="is no history"):
        history.changes(tmp_path / "other.csv")
