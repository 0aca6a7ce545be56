"""Report runs: asked for, worked on for a while, then a file to download."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sims.world.stripe.books import Books, found
from sims.world.stripe.errors import invalid_parameter, missing_parameter
from sims.world.stripe.exports import SUMMARY, as_csv, summary
from sims.world.stripe.params import (
    Params,
    integer,
    one_of,
    refuse_unknown,
    required_text,
    texts,
)
from sims.world.stripe.records import ReportRun
from sims.world.stripe.wire import Wire, unix

TYPES = ("balance.summary.1",)
ACCEPTED = frozenset({"interval_start", "interval_end", "timezone", "currency", "columns"})
LOOKS_UNTIL_READY = 1


def create(books: Books, params: Params) -> Wire:
    """Take an order for a whole number of UTC days that have ended."""
    refuse_unknown(params, frozenset({"report_type", "parameters"}))
    required_text(params, "report_type")
    one_of(params, "report_type", TYPES)
    asked: Any = params.get("parameters")
    if not isinstance(asked, dict):
        raise missing_parameter("parameters")
    refuse_unknown(asked, ACCEPTED)
    one_of(asked, "timezone", ("Etc/UTC",))
    run = ReportRun(
        id=books.ids.next("frr"),
        created_at=books.now(),
        file_id=books.ids.next("file"),
        start=_midnight(asked, "interval_start"),
        stop=_midnight(asked, "interval_end"),
        columns=tuple(texts(asked, "columns") or SUMMARY),
    )
    if unknown := set(run.columns) - set(SUMMARY):
        raise invalid_parameter(f"Invalid columns: {min(unknown)}", "parameters[columns]")
    if not run.start < run.stop <= books.now():
        raise invalid_parameter(
            "Data is not available for the requested interval.", "parameters[interval_end]"
        )
    books.report_runs.add(run)
    return _wire(run)


def retrieve(books: Books, params: Params, id: str) -> Wire:
    """Whoever looks again finds it done."""
    refuse_unknown(params, frozenset())
    run = found(books.report_runs, "report run", id)
    run.looks += 1
    return _wire(run)


def contents(books: Books, params: Params, file_id: str) -> Wire:
    """The file of a run that is done; over HTTP it comes as it is."""
    refuse_unknown(params, frozenset())
    ready = {run.file_id: run for run in books.report_runs.rows if _is_ready(run)}
    if file_id not in ready:
        raise invalid_parameter(f"No such file: '{file_id}'", "id")
    run = ready[file_id]
    lines = summary(books, run.start, run.stop)
    chosen = [{name: line[name] for name in run.columns} for line in lines]
    return {"contents": as_csv(run.columns, chosen).decode()}


def _midnight(asked: Params, name: str) -> datetime:
    at_s = integer(asked, name)
    if at_s is None:
        raise missing_parameter(f"parameters[{name}]")
    moment = datetime.fromtimestamp(at_s, UTC)
    if moment.time().isoformat() != "00:00:00":
        raise invalid_parameter(
            "This sandbox reports whole UTC days.", f"parameters[{name}]"
        )
    return moment


def _is_ready(run: ReportRun) -> bool:
    return run.looks >= LOOKS_UNTIL_READY


def _wire(run: ReportRun) -> Wire:
    file = {
        "id": run.file_id,
        "object": "file",
        "created": unix(run.created_at),
        "filename": f"{run.id}.csv",
        "purpose": "finance_report_run",
        "type": "csv",
        "url": f"https://files.stripe.com/v1/files/{run.file_id}/contents",
    }
    return {
        "id": run.id,
        "object": "reporting.report_run",
        "created": unix(run.created_at),
        "error": None,
        "livemode": False,
        "parameters": {
            "columns": list(run.columns),
            "interval_start": unix(run.start),
            "interval_end": unix(run.stop),
        },
        "report_type": TYPES[0],
        "result": file if _is_ready(run) else None,
        "status": "succeeded" if _is_ready(run) else "pending",
        "succeeded_at": unix(run.created_at) if _is_ready(run) else None,
    }
