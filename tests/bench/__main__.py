"""Measure against the bare ceiling in one run, print the ratios and keep them.

    make bench

Figures are ratios of two sides measured in turns on one machine: absolute rates say more
about the machine than about the code. `data/baselines/bench.json` keeps the last run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from tests.bench import gateway, golden, handler_path, reconciliation, relay, simulator
from toolkit.infra.collector import set_for_batches
from toolkit.infra.embedded_postgres import embedded_postgres

BASELINE = Path("data/baselines/bench.json")
# What is measured, which ratio says it, and the figure to reach.
ROWS = (
    ("handler path in batches of 500, to bare SQL", "handler_path", "handled_to_bare", 0.6),
    ("… watched, to unwatched", "handler_path", "watched_to_handled", 0.97),
    ("… to one transaction a message", "handler_path", "handled_to_single", 15.0),
    ("outbox relay, to bare produce and delete", "relay", "relay_to_bare", 0.6),
    (
        "gateway, for a processor's second, to a bare route",
        "gateway",
        "gateway_to_bare",
        0.5,
    ),
)
PARTS = ("platform", "reconciliation", "golden", "simulator")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; else all")
    add("--rows", type=int, default=reconciliation.ROWS, help="of the large day")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; give {', '.join(PARTS)}")
    console = Console(width=100)
    kept = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    for part in given.parts or PARTS:
        with console.status(f"measuring {part}, some minutes"):
            kept |= _measured(part, given.rows)
        console.print(_told(part, kept))
    BASELINE.parent.mkdir(parents=True, exist_ok=True)
    BASELINE.write_text(json.dumps(_rounded(kept), indent=1, sort_keys=True) + "\n")
    console.print(f"kept in {BASELINE}")


def _measured(part: str, rows: int) -> dict[str, Any]:
    match part:
        case "reconciliation":
            return {"reconciliation": reconciliation.measure(rows)}
        case "golden":
            return {"golden": golden.measure()}
        case "simulator":
            return {"simulator": simulator.measure()}
        case _:
            return _platform()


def _platform() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o755)  # the server is not us when we are root
        set_for_batches()  # as every service does; for both sides
        with embedded_postgres(Path(folder) / "data") as dsn:
            return {
                "handler_path": asyncio.run(handler_path.measure(dsn)),
                "relay": asyncio.run(relay.measure(dsn)),
                "gateway": gateway.measure(dsn),
                "machine": _machine(dsn),
            }


def _told(part: str, figures: dict[str, Any]) -> Table:
    match part:
        case "reconciliation":
            return _of_reconciliation(figures["reconciliation"])
        case "golden":
            return _of_golden(figures["golden"])
        case "simulator":
            return _of_simulator(figures["simulator"])
        case _:
            return _table(figures)


def _of_reconciliation(figures: dict[str, Any]) -> Table:
    title = f"{figures['rows']:,} events and as many rows, CPU seconds"
    table = Table("side", "CPU s", "to the bare join", "MB", title=title)
    for side in ("recon", "bare", "pandas", "datacompy"):
        if f"{side}_cpu_s" in figures:
            memory_mb = figures.get(f"{side}_memory_mb")
            table.add_row(
                side,
                f"{figures[f'{side}_cpu_s']:.1f}",
                f"{figures[f'{side}_cpu_s'] / figures['bare_cpu_s']:.2f}",
                f"{memory_mb:,.0f}" if memory_mb else "",
            )
    table.caption = (
        "at most 6 and 4,096 MB are asked of recon, a slope of at most 1.1;"
        f" its slope is {figures['slope']:.2f}"
    )
    return table


def _of_golden(figures: dict[str, Any]) -> Table:
    table = Table("code", "planted and found", "precision", "recall", title="golden days")
    for code, precision in figures["precision"].items():
        recall = figures["recall"][code]
        table.add_row(
            code, str(figures["findings"].get(code, 0)), f"{precision:.3f}", f"{recall:.3f}"
        )
    if figures["told"]:
        table.caption = "\n".join(figures["told"][:20])
    return table


def _of_simulator(figures: dict[str, Any]) -> Table:
    table = Table("what", "figure", title="the platform in virtual time, on one core")
    rows = {
        "messages handled per second of a peak hour, every law watched": (
            "peak_messages_per_s_core"
        ),
        "… of a lively market, whose stories last for weeks": "messages_per_s_core",
        "… to the same without looking": "watched_to_blind",
        "years of a small market per day": "years_per_day_core",
        "laws broken": "laws_broken",
        "equal digests whatever Python hashes": "digests_are_equal",
    }
    for what, name in rows.items():
        figure = figures[name]
        is_exact = isinstance(figure, bool | int)
        table.add_row(what, str(figure) if is_exact else f"{figure:,.2f}")
    return table


def _table(figures: dict[str, Any]) -> Table:
    table = Table("what", "ratio", "to reach", "our rate", title="against the bare ceiling")
    for what, part, ratio, goal in ROWS:
        side = ratio.partition("_to_")[0]
        table.add_row(
            what,
            f"{figures[part][ratio]:.2f}",
            f"{goal:g}",
            f"{figures[part][f'{side}_per_s']:,.0f}/s",
        )
    return table


def _machine(dsn: str) -> dict[str, Any]:
    with psycopg.connect(dsn) as connection:
        server = connection.info.server_version
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgres": server,
    }


def _rounded(figures: Any) -> Any:
    if isinstance(figures, dict):
        return {name: _rounded(value) for name, value in figures.items()}
    return round(figures, 3) if isinstance(figures, float) else figures


if __name__ == "__main__":
    main()
