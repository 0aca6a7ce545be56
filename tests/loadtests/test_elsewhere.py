"""A platform that somebody else started is driven by its settings, or by its address."""

import json

import pytest

from loadtests.stand import embedded
from tests.loadtests.test_embedded import PATIENT, loadtests


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("standing")
    with embedded(folder, seed=7, with_chain=True) as stand:
        yield stand


@pytest.mark.xdist_group("real")
@pytest.mark.slow
@pytest.mark.embedded
def test_one_of_this_machine_is_driven_by_card_and_on_chain_and_reconciled(
    standing, tmp_path
):
    objectives, folder = tmp_path / "patient.yaml", tmp_path / "run"
    objectives.write_text(PATIENT)
    (tmp_path / "both.yaml").write_text("about: both\njourneys: {escrow: 1, on_chain: 1}\n")

    done = loadtests(
        *("run", "--env", standing.env, "--provider", standing.provider),
        *("--custodian", standing.custodian, "--mix", tmp_path / "both.yaml"),
        *("--rate", 1, "--seconds", 4),
        *("--objectives", objectives, "--output", folder),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["money_checked"]
    assert summary["reconciliation"] == "RECONCILED"
    ended = {row["name"] for row in summary["latencies"]}
    assert ended >= {"journey escrow", "journey on_chain"}


@pytest.mark.xdist_group("real")
@pytest.mark.slow
@pytest.mark.embedded
def test_one_behind_an_address_is_judged_by_what_its_people_see(
    standing, tmp_path, monkeypatch
):
    objectives, tokens = tmp_path / "patient.yaml", tmp_path / "tokens.json"
    objectives.write_text(PATIENT)
    tokens.write_text(json.dumps(standing.people))
    monkeypatch.setenv("LOADTESTS_WEBHOOK_SECRET", standing.webhook_secret)

    done = loadtests(
        *("run", "--host", standing.host, "--tokens", tokens, "--mix", "reading"),
        *("--rate", 3, "--seconds", 3),
        *("--objectives", objectives, "--output", tmp_path / "run"),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert not summary["money_checked"]
    assert summary["reconciliation"].startswith("not reconciled: ")
