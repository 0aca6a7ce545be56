"""Hold a day's inputs against their suites and judge nothing: what `check` does.

The suites are Great Expectations' own form. `quarantine.py` puts them to all rows as SQL;
`data_docs.py` lets Great Expectations judge a bounded part of them and write its pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from recon import quarantine
from recon.clock import Stopwatch
from recon.faults import IncompleteInputsError, SourceFault
from recon.run import loaded
from recon.writers import write_json


@dataclass(frozen=True, slots=True)
class Checked:
    """What the suites found; `faults` are the sources that could not be read at all.

    `counts` gives the rows of a source, and how many of them fall short.
    """

    counts: Mapping[str, tuple[int, int]]
    faults: tuple[SourceFault, ...]


def check(day: date, inputs: Path, output: Path, *, with_docs: bool) -> Checked:
    """Write `expectations.json` and the quarantine, and on request the data docs."""
    output.mkdir(parents=True, exist_ok=True)
    with loaded(day, inputs, Stopwatch()) as (db, manifest, faults):
        if manifest is None:
            raise IncompleteInputsError("; ".join(fault.explanation for fault in faults))
        quarantine.judge(db, manifest.files)
        quarantine.write(db, output)
        counts = quarantine.counts(db)
        if with_docs:
            from recon.data_docs import build  # noqa: PLC0415 - seconds that only it needs

            suites = {source: dict(quarantine.suites()[source]) for source in counts}
            write_json(output / "data_docs.json", build(db, suites, output))
    document = {
        source: {"rows": rows, "set_aside": aside}
        for source, (rows, aside) in counts.items()
    }
    unread = [fault.explanation for fault in faults]
    write_json(output / "expectations.json", {"sources": document, "refused": unread})
    return Checked(counts, tuple(faults))
