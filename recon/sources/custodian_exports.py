"""A custodian's own export, by its adapter, as the canonical transactions."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import duckdb

from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources.shape import quoted
from recon.sources.text import check_rows, open_csv

ADAPTERS = Path(__file__).parent / "custodians"
ASSETS = ADAPTERS / "assets.csv"
OBJECT_BYTES_MAX = 256 << 20
# Where an API's answer keeps its list.
ENVELOPES = ("$.data.transactions", "$.transactions", "$.data.transfers", "$.data")


def adapt(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Create `custodian_transactions_text`, as the canonical file would give it."""
    format = file.dialect.format
    try:
        _read(db, file)
        check_rows(db, file, "custodian_transactions_records")
        _list_assets(db, file)
        for script in sorted(ADAPTERS.glob("*.sql")):
            _, _, adapter = script.stem.partition("_")
            if adapter in {"records", "canonical", format}:
                db.execute(script.read_text(encoding="utf-8"))
            if adapter == format:
                db.execute(
                    f"create view adapted_transactions as from {format}_transactions"
                )
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise SourceCorruptError(
            f"{file.name}: not readable as {format}'s transactions: {said};"
            " export them again as CSV, or as JSON of the API"
        ) from error


def count(db: duckdb.DuckDBPyConnection, file: InputFile) -> int:
    """The records of a custodian's own export, CSV or JSON."""
    _read(db, file)
    [(rows,)] = db.execute("select count(*) from custodian_transactions_records").fetchall()
    return int(rows)


def _read(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Number the records, whether the file is CSV or JSON."""
    if _is_json(file.path):
        paths = " ".join(
            f"when json_type(json, {quoted(path)}) = 'ARRAY'"
            f" then from_json(json -> {quoted(path)}, '[\"JSON\"]')"
            for path in ENVELOPES
        )
        records = (
            f"select unnest(case {paths} else [json] end) as record"
            f" from read_json_objects({quoted(str(file.path))}, format = 'auto',"
            f" maximum_object_size = {OBJECT_BYTES_MAX})"
        )
    else:
        open_csv(db, file)
        records = "select to_json(line) as record from custodian_transactions_file as line"
    db.execute(
        "create table custodian_transactions_records as"
        f" select row_number() over () as row, record from ({records})"
    )


def _is_json(path: Path) -> bool:
    with path.open("rb") as raw:
        return raw.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}


def _list_assets(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """What the custodian's asset codes stand for; the manifest's word comes first."""
    db.execute(
        "create table custodian_assets as"
        " select code, asset, chain_id, token_contract, decimals::integer as decimals"
        f" from read_csv({quoted(str(ASSETS))}, all_varchar = true, header = true)"
        " where format = ?",
        [file.dialect.format],
    )
    for code, asset in file.dialect.assets:
        db.execute("delete from custodian_assets where code = ?", [code])
        db.execute(
            "insert into custodian_assets values (?, ?, ?, ?, ?)", [code, *astuple(asset)]
        )
