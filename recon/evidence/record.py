"""Write `evidence/`: inputs, parameters, the SQL that ran, outputs, and their chain."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from recon import alerts, quarantine
from recon.alerts.findings import rfc3339
from recon.engines.port import Engine
from recon.evidence.chain import chain
from recon.evidence.scripts import ran
from recon.journal import proposal
from recon.manifest import InputFile, Manifest, file_sha256
from recon.rulebook import ROOM, code_version
from recon.writers import write_json

FOLDER = "evidence"
CHAIN = f"{FOLDER}/chain.json"
INPUTS = f"{FOLDER}/inputs.json"
OUTPUTS = f"{FOLDER}/outputs.json"
PARAMETERS = f"{FOLDER}/parameters.json"
RESULTS = (
    "discrepancies.csv",
    "discrepancies.parquet",
    "changes.json",
    "in_transit.parquet",
    "matches.parquet",
    "suggestions.csv",
    "suggestions.parquet",
    "summary.json",
)


@dataclass(frozen=True, slots=True)
class Record:
    """What a run knows of itself when it has written its results."""

    day: date
    manifest: Manifest | None
    inputs: Path
    output: Path
    state_digest: str | None
    keeps_state: bool
    settings: Mapping[str, str]
    engine: Engine

    @property
    def summary(self) -> dict[str, Any]:
        """The summary as it was written."""
        text = (self.output / "summary.json").read_text(encoding="utf-8")
        document: dict[str, Any] = json.loads(text)
        return document

    @property
    def is_judged(self) -> bool:
        """Whether the inputs allowed a judgement."""
        return bool(self.summary["verdict"] != "INCOMPLETE")


def write(record: Record) -> str:
    """Write the evidence and give the last link of its chain."""
    output = record.output
    (output / FOLDER).mkdir(exist_ok=True)
    write_json(output / INPUTS, _inputs(record))
    write_json(output / PARAMETERS, _parameters(record))
    copies = [*_copy_scripts(record), *_write_translations(record)]
    write_json(output / OUTPUTS, {"files": _digests(output, results())})
    document = chain(_digests(output, [INPUTS, PARAMETERS, *copies, OUTPUTS]))
    write_json(output / CHAIN, document)
    return str(document["last_link"])


def results() -> list[str]:
    """Every file of a run that equal inputs make equal, relative to its folder."""
    return [*RESULTS, proposal.NAME, *quarantine.NAMES, *alerts.files()]


def found_sha256(path: Path) -> str | None:
    """The hash of a file as it is now; none where it is not there."""
    return file_sha256(path) if path.is_file() else None


def _digests(output: Path, names: list[str]) -> dict[str, str]:
    return {name: file_sha256(output / name) for name in names}


def _inputs(record: Record) -> dict[str, Any]:
    """Hashes of the bytes that the run met, with row counts and control totals."""
    manifest = record.manifest
    stated = {entry["source"]: entry for entry in record.summary["inputs"]}
    manifest_sha256 = (
        manifest.sha256 if manifest else found_sha256(record.inputs / "manifest.json")
    )
    return {
        "manifest": {"path": "manifest.json", "sha256": manifest_sha256},
        "files": [
            _input(file, stated[source], is_checked=record.is_judged)
            for source, file in sorted(manifest.files.items() if manifest else ())
        ],
    }


def _input(
    file: InputFile, stated: Mapping[str, Any], *, is_checked: bool
) -> dict[str, Any]:
    """One export. A run that judged has checked its hash and counted its rows."""
    return {
        "source": file.source,
        "path": file.name,
        "account": file.account,
        "interval_start": rfc3339(file.interval_start),
        "interval_end": rfc3339(file.interval_end),
        "sha256": file.sha256 if is_checked else found_sha256(file.path),
        "announced_sha256": file.sha256,
        "announced_rows": file.rows,
        "rows": file.rows if is_checked else None,
        "control_totals": stated.get("control_totals"),
    }


def _parameters(record: Record) -> dict[str, Any]:
    """All that decides a result beside the inputs."""
    manifest, summary = record.manifest, record.summary
    ranges = manifest.offset_ranges if manifest else None
    return {
        "run_id": summary["run_id"],
        "day": record.day.isoformat(),
        "as_of": summary["as_of"],
        "verdict": summary["verdict"],
        "exit_status": summary["exit_status"],
        "rule_set": summary["rule_set"],
        "code_sha256": code_version(),
        "engine": {**record.engine.versions, "settings": dict(record.settings)},
        "keeps_state": record.keeps_state,
        "state_digest_before": record.state_digest,
        "positions": [asdict(p) for p in manifest.positions] if manifest else [],
        "own_addresses": list(manifest.own_addresses) if manifest else [],
        "offset_ranges": None if ranges is None else [asdict(span) for span in ranges],
    }


def _write_translations(record: Record) -> list[str]:
    """Write what another engine has run in place of the scripts; an earlier run's goes."""
    folder = record.output / FOLDER / "translated"
    shutil.rmtree(folder, ignore_errors=True)
    names = []
    for name, text in record.engine.ran().items():
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        names.append(f"{FOLDER}/translated/{name}")
    return names


def _copy_scripts(record: Record) -> list[str]:
    """Copy the SQL that ran, numbered in its order; an earlier run's copies go."""
    folder = record.output / FOLDER / "sql"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("[0-9][0-9][0-9]_*"):
        old.unlink()
    names = []
    scripts = ran(is_judged=record.is_judged, keeps_state=record.keeps_state)
    for number, script in enumerate(scripts, start=1):
        place = "_".join(script.relative_to(ROOM).parts)
        name = f"{FOLDER}/sql/{number:03}_{place}"
        shutil.copyfile(script, record.output / name)
        names.append(name)
    return names
