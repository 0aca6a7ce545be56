"""The platform's own events, as extracted from the two event topics."""

from __future__ import annotations

import duckdb

from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources.text import check_cells, check_rows, quoted

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
    "outcome":"VARCHAR","resolution":"VARCHAR","raised_by":"VARCHAR",
    "amount":{MONEY},"fee":{MONEY},
    "chain_ref":{{"chain_id":"VARCHAR","tx_hash":"VARCHAR","log_index":"VARCHAR"}}
}}"""

TYPED = """
create table escrow_events as
with

parsed as (
    select *, from_json(payload, {fields}) as field
    from escrow_events_text
)

select
    row,
    topic,
    "partition",
    "offset",
    event_id,
    event_type,
    aggregate_id,
    aggregate_version,
    utc(occurred_at) as occurred_at,
    field.escrow_id,
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
    " ('PaymentSucceeded', 'TransferSucceeded', 'TransferReversed', 'RefundSucceeded')"
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
    "payload": "fee_minor is null"
    f" or ({MOVES_MONEY}"
    " and (amount_minor is null or currency is null or provider_ref is null))"
    " or (event_type in ('ChargebackOpened', 'EscrowCreated')"
    " and (amount_minor is null or currency is null))"
    " or (event_type like 'Chargeback%' and dispute_ref is null)",
}


def load(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Create `escrow_events`, payload fields beside the envelope."""
    scan = f"read_parquet({quoted(str(file.path))}, file_row_number = true)"
    try:
        found = {row[0] for row in db.execute(f"describe from {scan}").fetchall()}
        missing = [column for column in REQUIRED if column not in found]
        if missing:
            raise SourceCorruptError(
                f"{file.name}: required column {missing[0]!r} is missing;"
                " extract the events with it"
            )
        columns = ", ".join(f'"{column}"' for column in REQUIRED)
        db.execute(
            f"create view escrow_events_text as"
            f" select file_row_number + 1 as row, {columns} from {scan}"
        )
        check_rows(db, file, "escrow_events_text")
        _refuse_broken_json(db, file)
        db.execute(TYPED.format(fields=quoted(FIELDS)))
    except duckdb.Error as error:
        raise SourceCorruptError(
            f"{file.name}: not readable as Parquet events: {str(error).splitlines()[0]};"
            " extract the events again"
        ) from error
    check_cells(db, file, BROKEN)


def _refuse_broken_json(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    broken = db.execute(
        "select row, payload from escrow_events_text"
        " where payload is null or not json_valid(payload) order by row limit 1"
    ).fetchall()
    for row, payload in broken:
        shown = "an empty cell" if payload is None else repr(payload[:80])
        raise SourceCorruptError(
            f"{file.name}: row {row}, column payload: {shown} is not JSON;"
            " extract the events again"
        )
