"""Do our events and the providers' own reports of the day agree? The reconciler is asked.

After a run the sandboxes write what finance would download, and `recon` holds it against
the platform's archive, as on any evening. Whatever it finds breaks the verdict: nothing
that a load did may be left unexplained.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import psycopg

from loadtests.stand import Stand

ARCHIVED_WITHIN_S = 20.0
BEGAN = "select min(occurred_at) from escrow.events"
MINOR_IN_MAJOR = 100
RECONCILED = "RECONCILED"
FOUND_MAX = 30  # told on the page; all of them are in the folder of the reconciliation


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The reconciler's verdict, or why it was not asked, and each thing that is open."""

    told: str
    findings: Sequence[str] = ()


class _NotPossible(Exception):  # noqa: N818 - says what happened
    """Something that is needed is not there; the message says what."""


def reconciliation(stand: Stand, folder: Path, *, is_at_rest: bool) -> Reconciliation:
    """Reconcile the whole day of a platform of this machine, and say what is left.

    One that did not come to rest has lost something on the way, and is not waited for.
    """
    try:
        day = _day_of(stand)
        account = _account(stand, ARCHIVED_WITHIN_S if is_at_rest else 0.0)
        missing = account["said"] - account["archived"]
        if missing > 0:
            lost = f"lost: {missing} of {account['said']} events are not archived"
            return Reconciliation(
                told="not reconciled: events are missing", findings=[lost]
            )
        return _reconciled(stand, account["balances"], day, folder / "reconciliation")
    except _NotPossible as reason:
        return Reconciliation(told=f"not reconciled: {reason}")


def _day_of(stand: Stand) -> date:
    """Name the business day, if all that the platform did belongs to it."""
    if stand.dsn is None or not stand.provider:
        raise _NotPossible("the databases or the provider cannot be asked from here")
    today = datetime.now(UTC).date()
    with psycopg.connect(stand.dsn, autocommit=True) as connection:
        row = connection.execute(BEGAN).fetchone()
    began_at = row[0] if row else None
    if began_at is None:
        raise _NotPossible("nothing happened")
    if began_at.astimezone(UTC).date() != today:
        raise _NotPossible(f"the books begin before {today}, and carry no opening state")
    return today


def _account(stand: Stand, within_s: float) -> dict[str, Any]:
    """Wait until every event that was said is archived; answer the platform's account."""
    command = [sys.executable, "-m", "toolkit", "--env", str(stand.env), "status"]
    deadline_s = time.monotonic() + within_s
    while True:
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        account: dict[str, Any] = json.loads(shown)
        if account["archived"] >= account["said"] or time.monotonic() > deadline_s:
            return account
        time.sleep(0.5)


def _reconciled(
    stand: Stand, balances: Sequence[Mapping[str, Any]], day: date, folder: Path
) -> Reconciliation:
    folder.mkdir()
    exports = folder / "exports"
    _exported(stand.provider, day, exports)
    own = _own_funds(balances, exports / "stripe_summary.csv")
    if stand.custodian:
        own += _own_wallets(_exported(stand.custodian, day, exports))
    else:
        own += ["--no-custodian-activity"]
    of_day = ["--day", str(day)]
    _recon(
        *("collect", *of_day, "--archive", str(stand.archive), "--exports", str(exports)),
        *("--output", str(folder / "inputs"), *own, "--no-bank-activity"),
    )
    results = folder / "results"
    _recon("run", *of_day, "--inputs", str(folder / "inputs"), "--output", str(results))
    return _read(results)


def _exported(sandbox: str, day: date, exports: Path) -> dict[str, Any]:
    """Have a sandbox write its reports; a provider that is none has no such control."""
    try:
        answer = httpx.post(f"{sandbox}/_sandbox/exports/{day}", timeout=60.0)
        told: dict[str, Any] = answer.raise_for_status().json()
        shutil.copytree(told["directory"], exports, dirs_exist_ok=True)
    except (httpx.HTTPError, OSError) as failure:
        raise _NotPossible(f"{sandbox} gives us no reports ({failure})") from failure
    return told


def _own_funds(balances: Sequence[Mapping[str, Any]], summary: Path) -> list[str]:
    """Say what is our own: what we began with, less the fees that we booked."""
    with summary.open(newline="") as source:
        opening = sum(
            int(Decimal(row["net_amount"]) * MINOR_IN_MAJOR)
            for row in csv.DictReader(source)
            if row["category"] == "starting_balance" and row["currency"] == "usd"
        )
    fees = sum(b["minor"] for b in balances if b["account"] == "platform:fees")
    return ["--own-funds", f"STRIPE:USD:{opening}:{opening - fees}"]


def _own_wallets(custody: Mapping[str, Any]) -> list[str]:
    totals = custody["files"][0]["control_totals"]
    held = f"{totals['holding_opening_minor']}:{totals['holding_closing_minor']}"
    wallets = [word for at in custody["own_addresses"] for word in ("--own-address", at)]
    return ["--own-funds", f"CUSTODIAN:USDC:0:0:{held}", *wallets]


def _recon(*arguments: str) -> None:
    """Run the reconciler as finance does; that something was found is no failure of it."""
    command = [sys.executable, "-m", "recon", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        said = (done.stderr or done.stdout).strip()[-500:]
        raise RuntimeError(f"recon {arguments[0]} ended with {done.returncode}: {said}")


def _read(results: Path) -> Reconciliation:
    import pyarrow.parquet as pq  # noqa: PLC0415 - seconds that only the end needs

    verdict = json.loads((results / "summary.json").read_text())["verdict"]
    rows = pq.read_table(results / "discrepancies.parquet").to_pylist()
    found = [
        f"recon {row['code']} {row['provider_ref']}: {row['explanation']}" for row in rows
    ]
    if verdict != RECONCILED and not found:
        found = [f"recon: the day's verdict is {verdict}"]
    return Reconciliation(told=str(verdict), findings=found[:FOUND_MAX])
