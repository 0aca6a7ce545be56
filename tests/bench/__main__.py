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

from tests.bench import handler_path, relay
from toolkit.infra.collector import set_for_batches
from toolkit.infra.embedded_postgres import embedded_postgres

BASELINE = Path("data/baselines/bench.json")
# What is measured, which ratio says it, and the figure to reach.
ROWS = (
    ("handler path in batches of 500, to bare SQL", "handler_path", "handled_to_bare", 0.6),
    ("… watched, to unwatched", "handler_path", "watched_to_handled", 0.97),
    ("… to one transaction a message", "handler_path", "handled_to_single", 15.0),
    ("outbox relay, to bare produce and delete", "relay", "relay_to_bare", 0.6),
)


def main() -> None:
    argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    console = Console(width=100)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        console.status("measuring, about half a minute") as status,
    ):
        Path(folder).chmod(0o755)  # the server is not us when we are root
        set_for_batches()  # as every service does; for both sides
        with embedded_postgres(Path(folder) / "data") as dsn:
            figures: dict[str, Any] = {
                "handler_path": asyncio.run(handler_path.measure(dsn)),
            }
            status.update("measuring the relay")
            figures["relay"] = asyncio.run(relay.measure(dsn))
            figures["machine"] = _machine(dsn)
    console.print(_table(figures))
    BASELINE.parent.mkdir(parents=True, exist_ok=True)
    BASELINE.write_text(json.dumps(_rounded(figures), indent=1, sort_keys=True) + "\n")
    console.print(f"kept in {BASELINE}")


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
