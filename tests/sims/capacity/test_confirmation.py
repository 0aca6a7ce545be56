"""A plan holds with the handlers of production too, and what it says is near."""

import json
import logging

import pytest
import yaml

from sims.__main__ import main

pytestmark = pytest.mark.slow

KEYED = {"partitions": 6, "consumers": 2, "batch_ms": 5, "message_ms": 1, "hop_ms": 15}
PATH = {
    "question": "How long does it take until a buyer sees where to pay?",
    "load": {"rate_per_s": 30},
    "stages": [
        {"name": "escrow", **KEYED},
        {"name": "payments", **KEYED},
        {"name": "calls", "workers": 64, "message_ms": 200, "cv2": 0.5},
        {"name": "projections", **KEYED},
    ],
    "objective": {"within_ms": 2_000},
    "messages_per_run": 4_000,
    "escrows_confirmed": 150,
    "seed": 5,
}


def test_the_real_handlers_take_about_as_long_as_the_recursion_says(tmp_path, capsys):
    logging.disable(logging.CRITICAL)
    path = tmp_path / "path.yaml"
    path.write_text(yaml.safe_dump(PATH))
    assert main(["capacity", str(path), "--confirm", "--output", str(tmp_path)]) == 0
    logging.disable(logging.NOTSET)
    told = " ".join(capsys.readouterr().out.split())
    assert "With the real handlers in virtual time" in told
    kept = json.loads((tmp_path / "answer.json").read_text())
    found = kept["confirmation"]
    assert found["unfinished"] == 0
    assert found["messages"] > 500
    assert 0.2 < found["sojourn_s"] < 2.0


def test_stages_that_are_no_services_cannot_be_confirmed(tmp_path, capsys):
    path = tmp_path / "path.yaml"
    strange = [{**PATH["stages"][0], "name": "shipping"}]
    path.write_text(yaml.safe_dump({**PATH, "stages": strange}))
    assert main(["capacity", str(path), "--confirm"]) == 64
    assert "escrow, payments, projections" in capsys.readouterr().err
