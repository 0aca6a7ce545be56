"""The platform's own events, as extracted from the two event topics."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources.shape import quoted
from recon.sources.text import bad_cell, check_cells, check_rows

REQUIRED = (
    "topic",
    "partition",
    "offset",
    "event_id",
    "event_type",
    "aggregate_id",
    "aggregate_version",
    "occurred_at",
    "correlation_id",
    "causation_id",
    "payload",
)

# One pass over the JSON gives every field that a later step asks for, numbers as text.
MONEY = '{"minor":"VARCHAR","currency":"VARCHAR"}'
FIELDS = f"""{{
    "escrow_id":"VARCHAR","payment_id":"VARCHAR","transfer_id":"VARCHAR","refund_id":"VARCHAR",
    "dispute_ref":"VARCHAR","provider_ref":"VARCHAR","rail":"VARCHAR","destination":"VARCHAR",
    "outcome":"VARCHAR","resolution":"VARCHAR","raised_by":"VARCHAR","deposit_ref":"VARCHAR",
    "amount":{MONEY},"fee":{MONEY},
    "chain_ref":{{"chain_id":"VARCHAR","tx_hash":"VARCHAR","log_index":"VARCHAR"}}
}}"""

TYPED = """
with

parsed as (
    select *, from_json(payload, {fields}) as field
    from escrow_events_text
)

select
    topic,
    "partition",
    "offset",
    event_id,
    event_type,
    aggregate_id,
    aggregate_version,
    make_timestamp(epoch_us(occurred_at)) as occurred_at,
    payload is null as is_payload_missing,
    coalesce(field.escrow_id, aggregate_id) as escrow,
    field.payment_id,
    field.transfer_id,
    field.refund_id,
    field.dispute_ref,
    field.provider_ref,
    field.rail,
    lower(field.destination) as destination,
    field.outcome,
    field.resolution,
    field.raised_by,
    field.deposit_ref,
    field.chain_ref.chain_id as chain_id,
    lower(field.chain_ref.tx_hash) as tx_hash,
    whole(field.chain_ref.log_index) as log_index,
    whole(field.amount.minor) as amount_minor,
    upper(field.amount.currency) as currency,
    case when field.fee.minor is null then 0 else whole(field.fee.minor) end as fee_minor
from parsed
"""

MOVES_MONEY = (
    "event_type in"
    " ('PaymentSucceeded', 'TransferSucceeded', 'TransferReversed', 'RefundSucceeded',"
    " 'RefundReversed')"
)
BROKEN = {
    "topic": "topic is null",
    "partition": '"partition" is null',
    "offset": '"offset" is null',
    "event_id": "event_id is null",
    "event_type": "event_type is null",
    "aggregate_id": "aggregate_id is null",
    "aggregate_version": "aggregate_version is null",
    "occurred_at": "occurred_at is null",
    "payload": "is_payload_missing or fee_minor is null"
    f" or ({MOVES_MONEY}"
    " and (amount_minor is null or currency is null or provider_ref is null))"
    " or (event_type in ('ChargebackOpened', 'EscrowCreated')"
    " and (amount_minor is null or currency is null))"
    " or (event_type like 'Chargeback%' and dispute_ref is null)",
}


def load(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Create `escrow_events`, payload fields beside the envelope."""
    scan = f"read_parquet({quoted(str(file.path))})"
    try:
        found = {row[0]: row[1] for row in db.execute(f"describe from {scan}").fetchall()}
        _check_columns(file, found)
        columns = ", ".join(f'"{column}"' for column in REQUIRED)
        db.execute(f"create view escrow_events_text as select {columns} from {scan}")
        typed = TYPED.format(fields=quoted(FIELDS))
        check_rows(db, file, "escrow_events_text")
        db.execute(f"create table escrow_events as {typed}")
    except duckdb.Error as error:
        _refuse_broken_json(db, file)
        raise SourceCorruptError(
            f"{file.name}: not readable as Parquet events: {str(error).splitlines()[0]};"
            " extract the events again"
        ) from error
    check_cells(db, file, typed, BROKEN)


def _check_columns(file: InputFile, found: Mapping[str, str]) -> None:
    for column in REQUIRED:
        if column not in found:
            raise SourceCorruptError(
                f"{file.name}: required column {column!r} is missing;"
                " extract the events with it"
            )
    if not found["occurred_at"].startswith("TIMESTAMP"):
        raise SourceCorruptError(
            f"{file.name}: column occurred_at is {found['occurred_at']}, not a timestamp;"
            " extract the events again"
        )


def _refuse_broken_json(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Name the row, where the file is readable and one of its payloads is not."""
    try:
        rows = db.execute(
            "select row from"
            " (select row_number() over () as row, payload from escrow_events_text)"
            " where not json_valid(payload) order by row limit 1"
        ).fetchall()
    except duckdb.Error:
        return
    for (row,) in rows:
        raise bad_cell(db, file, row, "payload")
