"""Judge a day: steps, rules and proofs in their order, on whichever engine."""

from __future__ import annotations

from pathlib import Path

import duckdb

from recon import discrepancies, memory
from recon.clock import Stopwatch
from recon.engines.port import Engine
from recon.rulebook import FOUND, NEAREST, PROOFS, ROOM, SEVERITY, STEPS, rules, scripts
from recon.suggesting.suggest import LEFT, suggest


def judge(
    db: duckdb.DuckDBPyConnection,
    engine: Engine,
    stopwatch: Stopwatch,
    remembered: memory.Remembered,
) -> None:
    """Steps, then the rules and the proofs, each phase on what the phase before left."""
    known = str(remembered.is_yesterday_known).lower()
    db.execute(f"create macro is_yesterday_known() as {known}")

    def execute(*paths: Path) -> None:
        for path in paths:
            with stopwatch.part(path.stem):
                text = path.read_text(encoding="utf-8")
                engine.execute(path.relative_to(ROOM).as_posix(), text)

    execute(*scripts(STEPS)[1:], FOUND)
    book = rules()
    tie_outs, safeguarding, three_way = scripts(PROOFS)
    for phase, proof in (
        ("movements", tie_outs),
        ("tie_out", safeguarding),
        ("safeguarding", three_way),
    ):
        for rule in book:
            if rule.phase == phase:
                with stopwatch.part(f"rule {rule.name}"):
                    discrepancies.run_rule(engine, rule)
        execute(proof)
    execute(NEAREST, LEFT, memory.CARRY, SEVERITY)
    with stopwatch.part("give"):
        engine.give()
    with stopwatch.part("suggest"):
        suggest(db)
