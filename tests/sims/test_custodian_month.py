"""Do the laws hold, and do the books agree, when much of the money moves on chain?"""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest

from sims import laws
from sims.scenarios.business_month import Month, run
from sims.world.custodian import State
from sims.world.habits import Habits, OnChain
from tests.sims.month import TROUBLE

pytestmark = pytest.mark.slow

ON_CHAIN = replace(TROUBLE, transfer_stuck=0.1, transfer_fails=0.1, confirmed_late=0.3)
HABITS = Habits(
    pays_on_chain=0.6, on_chain=OnChain(sends_a_part_first=0.3, sends_too_much_first=0.3)
)


def month(seed, output, **other):
    return Month(
        seed=seed,
        output=output,
        days=2,
        escrows_per_day=12,
        faults=ON_CHAIN,
        habits=HABITS,
        **other,
    )


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """Everything goes wrong at once, on both rails."""
    output = tmp_path_factory.mktemp("month")
    return run(month(1, output, duplicate_probability=0.05, crashes_per_day=4.0))


def test_every_law_holds(troubled):
    assert laws.broken(troubled) == []


def test_money_came_in_went_out_and_went_back_on_chain(troubled):
    moved = Counter(
        (t.is_inbound, t.ref_id.partition(":")[0])
        for t in troubled.custodian.books.transactions
        if t.state is State.COMPLETE
    )
    assert moved[True, ""] > 0
    assert moved[False, "transfer"] > 0
    assert moved[False, "refund"] > 0


def test_the_faults_really_struck(troubled):
    struck = troubled.custodian.books.dice.struck
    names = ("webhook_lost", "webhook_doubled", "timed_out_after", "confirmed_late")
    assert all(struck[name] for name in names), struck


def test_each_day_reconciles_on_both_rails(tmp_path):
    usual = replace(HABITS.on_chain, sends_another_token_first=0.0)  # that is a finding
    quiet = replace(HABITS, on_chain=usual)
    platform = run(replace(month(2, tmp_path), days=1, habits=quiet))
    recon = partial(subprocess.run, capture_output=True, text=True, check=False)
    own = [
        part
        for wallet in platform.custodian.books.wallets
        for part in ("--own-address", wallet.address)
    ]
    for exports in sorted((tmp_path / "exports").iterdir()):
        day, told = exports.name, tmp_path / "own_funds" / f"{exports.name}.txt"
        inputs, output = tmp_path / "in" / day, tmp_path / "recon" / day
        funds = [p for line in told.read_text().split() for p in ("--own-funds", line)]
        where = ["--archive", tmp_path / "archive", "--exports", exports]
        command = [sys.executable, "-m", "recon", "collect", "--day", day, *where]
        done = recon([*command, "--output", inputs, *funds, *own, "--no-bank-activity"])
        assert done.returncode == 0, done.stderr

        command = [sys.executable, "-m", "recon", "run", "--day", day, "--inputs", inputs]
        state = ["--state", tmp_path / "state.duckdb"]
        done = recon([*command, "--output", output, *state])

        summary = json.loads((output / "summary.json").read_text())
        assert (done.returncode, summary["verdict"]) == (0, "RECONCILED"), done.stdout
        held = [p for p in summary["proofs"] if p["rail"] == "CUSTODIAN"]
        assert held
        assert all(p["unexplained_minor"] == 0 for p in held)
