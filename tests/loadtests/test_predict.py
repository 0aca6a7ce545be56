"""The simulator's word about a run comes from the profile, and from counts of the run."""

import json
from datetime import UTC, datetime

import pytest

from loadtests import notebook, predict
from loadtests.profiles import ProfileWrong
from sims.calibration.profile import Machine, MeasuredStage, Profile, save

HOP_MS, RELAY_MS, BATCH_MS = 10.0, 1.0, {"escrow": 4.0, "payments": 9.0, "projections": 3.0}


def measured(batch_ms=BATCH_MS):
    stages = {
        name: MeasuredStage(
            batch_ms=ms,
            message_ms=1e-6,
            cv2=0.0,
            hop_ms=HOP_MS,
            measured_ms={1: ms, 500: ms},
        )
        for name, ms in batch_ms.items()
    }
    machine = Machine(
        system="any", processor="any", cores=2, python="3", postgres="18", broker="mock"
    )
    return Profile(
        measured_at=datetime(2026, 1, 1, tzinfo=UTC),
        commit="c0ffee",
        machine=machine,
        stages=stages,
        reference_ms={1: 4.0},
        hop_quantiles_ms=[HOP_MS, HOP_MS],
        relay_message_ms=RELAY_MS,
        packages={},
    )


def run_folder(folder, probes=30):
    folder.mkdir()
    rates = {"count escrow consumer": 5.0, "count projection": 5.0}
    latencies = [{"name": predict.SEEN, "kind": "E2E", "count": probes}]
    summary = {"stages": rates, "latencies": latencies, "seconds": 30.0}
    (folder / "summary.json").write_text(json.dumps(summary))
    return folder


def test_a_probe_that_meets_nobody_takes_its_way_and_two_batches():
    rates = {"escrow consumer": 0.2, "projection": 0.2}

    said = predict.probed(measured(), rates, probes_per_s=0.2, seconds=60.0)

    way_ms = 2 * HOP_MS + RELAY_MS + BATCH_MS["escrow"] + BATCH_MS["projections"]
    assert said["p50_ms"] == pytest.approx(
        way_ms + 1_000 * predict.LOOKED_EVERY_S / 2, abs=2
    )
    assert said["p99_9_ms"] < way_ms + 1_000 * predict.LOOKED_EVERY_S + 2 * 4.0


def test_a_consumer_that_is_nearly_full_makes_probes_wait():
    rates = {"escrow consumer": 20.0, "projection": 20.0}
    slow = measured(BATCH_MS | {"escrow": 400.0})

    said = predict.probed(slow, rates, probes_per_s=1.0, seconds=60.0)

    assert said["p99_ms"] > 600.0


def test_it_is_kept_where_the_notebook_looks(tmp_path):
    folder, profile = run_folder(tmp_path / "run"), tmp_path / "profile.json"
    save(measured(), profile)

    said = predict.predicted(folder, profile)

    assert json.loads((folder / notebook.PREDICTION).read_text()) == said


def test_a_run_without_probes_cannot_be_predicted(tmp_path):
    folder, profile = run_folder(tmp_path / "run", probes=0), tmp_path / "profile.json"
    save(measured(), profile)

    with pytest.raises(ProfileWrong, match="--kafka-rate"):
        predict.predicted(folder, profile)
