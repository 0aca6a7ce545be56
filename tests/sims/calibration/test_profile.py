"""A profile feeds questions, and predicts runs by the ruler that measures them."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest
import yaml

from sims.__main__ import main
from sims.calibration.measure import cycles, fitted
from sims.calibration.play import Load, Outcome, Times, middle
from sims.calibration.predict import errors, fetched, predicted
from sims.calibration.profile import Profile, load, save
from sims.calibration.rig import Batch
from sims.calibration.sender import moments
from sims.capacity import theory
from sims.capacity.flow import Service, served
from sims.capacity.question import read
from sims.given import UnclearError
from tests.sims.capacity.test_answers import ASKED

STAGE = {"batch_ms": 4.0, "message_ms": 0.5, "cv2": 0.0, "hop_ms": 2.0, "measured_ms": {}}


def profile(**stage):
    machine = dict.fromkeys(("system", "processor", "python", "postgres", "broker"), "x")
    return Profile.model_validate(
        {
            "measured_at": datetime(2026, 1, 1, tzinfo=UTC),
            "commit": "x",
            "machine": {**machine, "cores": 2},
            "stages": {"escrow": {**STAGE, **stage}},
            "reference_ms": {1: 4.0},
            "hop_quantiles_ms": [2.0, 2.0],
            "relay_message_ms": 0.1,
            "packages": {},
        }
    )


def test_a_questions_stage_takes_what_it_does_not_say_from_the_profile(tmp_path):
    save(profile(), tmp_path / "profile.json")
    assert load(tmp_path / "profile.json") == profile()
    path = tmp_path / "question.yaml"
    silent = {"name": "escrow", "partitions": 6, "consumers": 1, "hop_ms": 9}
    asked = {**ASKED, "stages": [silent], "profile": "profile.json"}
    path.write_text(yaml.safe_dump(asked))
    (stage,) = read(path).stages
    assert (stage.batch_ms, stage.message_ms, stage.hop_ms) == (4.0, 0.5, 9.0)


def test_a_profile_that_is_not_there_or_lacks_the_stage_is_told(tmp_path):
    path = tmp_path / "question.yaml"
    silent = {"name": "nobody", "partitions": 6, "consumers": 1}
    path.write_text(yaml.safe_dump({**ASKED, "stages": [silent], "profile": "no.json"}))
    with pytest.raises(UnclearError, match=r"no\.json: cannot be read"):
        read(path)
    save(profile(), tmp_path / "no.json")
    with pytest.raises(UnclearError, match=r"stages\.0\.message_ms"):
        read(path)
    assert main(["backtest", "--profile", str(tmp_path / "absent.json")]) == 64


def test_a_fit_finds_the_line_that_made_the_batches():
    noise = np.random.default_rng(1)
    spent = {
        size: list((0.005 + size * 0.0002) * noise.gamma(20, 1 / 20, 400))
        for size in (1, 5, 20, 100, 500)
    }
    found = fitted(spent)
    assert found.batch_s == pytest.approx(0.005, rel=0.05)
    assert found.message_s == pytest.approx(0.0002, rel=0.05)
    assert found.cv2 == pytest.approx(1 / 20, rel=0.2)


def test_only_full_batches_that_follow_another_are_cycles():
    batches = [Batch(0, 1, 5), Batch(1, 3, 5), Batch(3, 4, 2), Batch(4, 7, 5)]
    assert cycles(batches, 5) == [2, 3]


def test_the_ruler_measures_a_run_that_was_written_by_hand():
    due_s = np.arange(0.0, 10.0, 0.1)
    done_s = np.where((due_s >= 4) & (due_s < 6), 6.0, due_s + 0.01)
    load_ = Load(rate=10, lasts_s=10, seed=1, away_from_s=4.0, away_for_s=2.0)
    seen = Times(due_s=due_s, done_s=done_s).outcome(load_)
    assert seen.p50_s == pytest.approx(0.01)
    assert seen.lag_max == 20
    assert seen.drain_s == pytest.approx(0.1)
    assert seen.throughput == pytest.approx(10, rel=0.03)


def test_what_never_came_is_no_good_news():
    due_s = np.arange(0.0, 10.0, 0.1)
    done_s = np.where(due_s < 5, due_s + 0.01, np.inf)
    seen = Times(due_s=due_s, done_s=done_s).outcome(Load(rate=10, lasts_s=10, seed=1))
    assert seen.p99_s == np.inf
    assert seen.lag_max == 50


def test_a_prediction_is_the_recursions_and_drains_as_fast_as_it_can():
    calm = profile(batch_ms=0.0, message_ms=10.0, records_max=1, cv2=1.0)
    load_ = Load(rate=50, lasts_s=400, seed=3)
    medians = [each.p50_s for each in predicted(calm, load_)]
    mean_s = theory.mm1_wait_mean(50, 0.01) + 0.01
    assert np.median(medians) == pytest.approx(0.002 + mean_s * np.log(2), rel=0.1)
    away = Load(rate=50, lasts_s=30, seed=3, away_from_s=10.0, away_for_s=4.0)
    drains = [each.drain_s for each in predicted(calm, away)]
    assert np.median(drains) == pytest.approx(4 * 50 * 0.01 / (1 - 0.5), rel=0.25)


def test_a_broker_that_wakes_nobody_lets_records_wait_for_the_next_fetch():
    there_s = np.array([0.0101, 0.0102, 0.0103, 0.0499])
    assert fetched(there_s, 0.0) == pytest.approx(
        [0.0101, 0.0106, 0.0106, 0.0499], abs=1e-9
    )
    found = fetched(there_s, 0.005)
    assert found == pytest.approx([0.011, 0.011, 0.011, 0.0500], abs=1e-9)
    assert (found >= there_s).all()


def test_a_batch_takes_longer_while_others_send():
    strained = profile().model_copy(update={"strain": {100.0: 1.0, 300.0: 2.0}})
    assert strained.strain_at(200) == pytest.approx(1.5)
    assert (profile().strain_at(200), strained.strain_at(900)) == (1.0, 2.0)


def test_batches_scatter_as_they_were_seen_to():
    spread = tuple(np.linspace(0.5, 1.5, 41))
    service = Service(batch_s=0.01, message_s=0.0, records_max=10, spread=spread)
    at_s = np.arange(2_000) * 1.0
    lasted_s = served(service, at_s, np.random.default_rng(1)) - at_s
    assert lasted_s.mean() == pytest.approx(0.01, rel=0.02)
    assert 0.005 <= lasted_s.min() < 0.006
    assert 0.014 < lasted_s.max() <= 0.015


def test_the_middle_of_several_runs_is_taken_figure_by_figure():
    runs = [
        Outcome(throughput=t, p50_s=p, p99_s=1.0, lag_max=n, drain_s=0.0)
        for t, p, n in ((3.0, 0.1, 7), (1.0, 0.3, 9), (2.0, 0.2, 8))
    ]
    found = middle(runs)
    assert (found.throughput, found.p50_s, found.lag_max) == (2.0, 0.2, 8)


def test_an_error_is_signed_and_says_whether_the_interval_held_it():
    load_ = Load(rate=100, lasts_s=20, seed=1)
    said = predicted(profile(), load_)
    seen = predicted(profile(), Load(rate=100, lasts_s=20, seed=99))[0]
    found = {each.figure: each for each in errors(load_, said, seen)}
    assert found["throughput"].covers
    assert abs(found["p50_s"].share) < 0.2
    assert "drain_s" not in found
    assert not found["lag_max"].counts or found["lag_max"].seen >= 10


def test_equal_seeds_send_at_equal_moments():
    assert np.array_equal(moments(100, 2, 7), moments(100, 2, 7))
    assert len(moments(100, 20, 7)) == pytest.approx(2_000, rel=0.1)


@pytest.mark.slow
@pytest.mark.embedded
def test_a_machine_is_measured_and_a_run_is_predicted_before_it_is_played(
    tmp_path, monkeypatch, capsys
):
    """In short: how large the errors are depends on who else is on the machine."""
    from sims.calibration import command, measure

    monkeypatch.setattr(measure, "SIZES", {1: 5, 20: 3, 100: 2})
    monkeypatch.setattr(measure, "BURSTS", {1: 20, 20: 200, 100: 500})
    monkeypatch.setattr(measure, "ALONE", Load(rate=20.0, lasts_s=2.0, seed=11))
    monkeypatch.setattr(measure, "STRAINS", (0.1,))
    monkeypatch.setattr(measure, "STRAIN_S", 1.5)
    monkeypatch.setattr(measure, "STRAIN_RUNS", 1)
    monkeypatch.setattr(command, "SHARES", (0.1,))
    monkeypatch.setattr(command, "REPEATS", 1)
    monkeypatch.setattr(command, "LASTS_S", 2.0)
    monkeypatch.setattr(command, "LASTS_AWAY_S", 4.0)
    monkeypatch.setattr(command, "AWAY_FROM_S", 1.5)
    monkeypatch.setattr(command, "AWAY_FOR_S", 1.0)
    measured, score = tmp_path / "profile.json", tmp_path / "score.json"
    assert main(["calibrate", "--output", str(measured)]) == 0
    found = load(measured)
    assert set(found.stages) == {"escrow", "payments", "projections"}
    assert all(stage.message_ms > 0 for stage in found.stages.values())
    assert main(["backtest", "--profile", str(measured), "--score", str(score)]) == 0
    assert "predictions beside what came" in capsys.readouterr().out
    kept = json.loads(score.read_text())
    figures = [each["figure"] for each in kept["errors"]]
    assert figures.count("throughput") == 2
    assert figures.count("drain_s") == 1
    assert all(each["seen"] > 0 for each in kept["errors"] if each["figure"] == "p99_s")
