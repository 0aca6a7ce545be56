"""A reconciled day against the bare join of its files, datacompy and pandas, in one run.

Each side is a process of its own, so that its CPU seconds and its peak of memory are its
own. CPU seconds and not the clock's: a busy machine stretches the clock. datacompy wants an
older pandas than ours: it runs on the interpreter that BENCH_PEERS_PYTHON names, and not at
all without one.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.big_day import DAY, write_big_day

ROWS = 1_000_000
SMALLER = (10_000, 100_000)
MINOR = "(payload ->> '$.amount.minor')::decimal(38, 0)"
BARE = """
import duckdb
duckdb.connect().execute('''
    create table joined as
    with booked as (
        select event_id, payload ->> '$.provider_ref' as source_id, {minor} as booked_minor
        from '{folder}/escrow_events.parquet'
    )
    select * from booked
    full join read_csv('{folder}/stripe_activity.csv', all_varchar = true) using (source_id)
''')
"""
LOADED = """
import duckdb, pandas as pd
booked = duckdb.connect().execute('''
    select payload ->> '$.provider_ref' as source_id, {minor}::varchar as minor
    from '{folder}/escrow_events.parquet'
''').df()
rows = pd.read_csv('{folder}/stripe_activity.csv', dtype=str)
rows["minor"] = rows.gross.str.replace(".", "")
rows = rows[["source_id", "minor"]]
"""
PANDAS = """
joined = booked.merge(rows, on="source_id", how="outer", indicator=True)
differing = joined[(joined._merge != "both") | (joined.minor_x != joined.minor_y)]
"""
DATACOMPY = """
import datacompy
compared = datacompy.PandasCompare(booked, rows, join_columns="source_id")
compared.matches()
"""
OURS = """
from datetime import date
from pathlib import Path
from recon.run import reconcile
reconcile(date.fromisoformat("{day}"), Path("{folder}"), Path("{folder}-out"), None)
"""
MEASURED = """
import json, resource
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def measure(rows: int = ROWS) -> dict[str, Any]:
    """Run every side on a day of so many events and rows, and ours on smaller days too."""
    with tempfile.TemporaryDirectory(prefix="bench-day-") as room:
        days = {size: Path(room) / f"day-{size}" for size in (*SMALLER, rows)}
        broken = {size: write_big_day(folder, size) for size, folder in days.items()}
        ours = {size: _measured(OURS, folder) for size, folder in days.items()}
        for size, folder in days.items():
            _check(Path(f"{folder}-out"), broken[size])
        bare_cpu_s, _ = _measured(BARE, days[rows])
        figures = {
            "rows": rows,
            "recon_cpu_s": ours[rows][0],
            "recon_memory_mb": ours[rows][1],
            "quarantine_share": _share_of(Path(f"{days[rows]}-out"), "quarantine"),
            "bare_cpu_s": bare_cpu_s,
            "recon_to_bare_join": ours[rows][0] / bare_cpu_s,
            "slope": _slope({size: cpu_s for size, (cpu_s, _) in ours.items()}),
        }
        for name, (python, script) in _others().items():
            cpu_s, memory_mb = _measured(LOADED + script, days[rows], python)
            figures[f"{name}_cpu_s"], figures[f"{name}_memory_mb"] = cpu_s, memory_mb
    return figures


def _others() -> dict[str, tuple[str, str]]:
    """Who does the key join beside us, on which interpreter."""
    peers = os.environ.get("BENCH_PEERS_PYTHON")
    others = {"pandas": (sys.executable, PANDAS)}
    return others | ({"datacompy": (peers, DATACOMPY)} if peers else {})


def _measured(
    script: str, folder: Path, python: str = sys.executable
) -> tuple[float, float]:
    """CPU seconds and the peak of memory in MB of a process that runs a script."""
    code = script.format(folder=folder, minor=MINOR, day=DAY) + MEASURED
    ran = subprocess.run(
        [python, "-c", code],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "."},
        text=True,
    )
    cpu_s, memory_mb = json.loads(ran.stdout.splitlines()[-1])
    return cpu_s, memory_mb


def _share_of(output: Path, part: str) -> float:
    """The part's share of a run's seconds, as the run itself took them."""
    seconds = json.loads((output / "timings.json").read_text())["seconds"]
    return float(seconds[part] / sum(seconds.values()))


def _check(output: Path, broken: int) -> None:
    """A fast run that finds something else than was planted measures nothing."""
    found = json.loads((output / "summary.json").read_text())["discrepancies"]
    counts = {code: entry["count"] for code, entry in found.items()}
    assert counts == ({"AMOUNT_MISMATCH": broken} if broken else {}), counts


def _slope(cpu_s: dict[int, float]) -> float:
    """How cost grows with size: 1 is linear. A start that costs the same is taken off."""
    first, *_, last = sorted(cpu_s)
    middle = sorted(cpu_s)[-2]
    start_s = cpu_s[first]
    grown = (cpu_s[last] - start_s) / max(cpu_s[middle] - start_s, 0.05)
    return math.log(grown) / math.log((last - first) / (middle - first))
