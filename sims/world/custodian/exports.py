"""The custodian's report of one UTC day, with totals to check that nothing is missing."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sims.world.custodian import wire
from sims.world.custodian.books import USDC_CONTRACT, Books
from sims.world.custodian.records import State, Transaction, Wallet

SOURCE = "custodian_transactions"
CUSTODIAN = "circle"
COLUMNS = (
    "custodian", "custodian_tx_id", "external_tx_id", "direction", "asset", "chain_id",
    "token_contract", "amount_base_units", "decimals", "fee_amount", "fee_asset",
    "from_address", "to_address", "tx_hash", "log_index", "block_time", "status",
    "created_at", "updated_at",
)  # fmt: skip


def export_day(books: Books, day: date, directory: Path) -> dict[str, Any]:
    """Write the day's file. Answers its entry for `manifest.json`, totals included."""
    directory.mkdir(parents=True, exist_ok=True)
    start = datetime.combine(day, time(), UTC)
    stop = start + timedelta(days=1)
    rows = [row for row in books.transactions if start <= row.updated_at < stop]
    content = _csv([_line(books, row) for row in rows])
    (directory / f"{SOURCE}.csv").write_bytes(content)
    return {
        "source": SOURCE,
        "path": f"{SOURCE}.csv",
        "account": CUSTODIAN,
        "timezone": "Etc/UTC",
        "interval_start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "interval_end": f"{stop:%Y-%m-%dT%H:%M:%SZ}",
        "sha256": sha256(content).hexdigest(),
        "rows": len(rows),
        "control_totals": totals(books, start, stop),
    }


def totals(books: Books, start: datetime, stop: datetime) -> dict[str, int]:
    """What the day's complete transactions of USDC add up to: opening + in - out."""
    opening = _moved(books, datetime.min.replace(tzinfo=UTC), start)
    came_in, went_out = _moved(books, start, stop)
    opening_minor = opening[0] - opening[1]
    return {
        "holding_opening_minor": opening_minor,
        "in_minor": came_in,
        "out_minor": went_out,
        "holding_closing_minor": opening_minor + came_in - went_out,
    }


def own_addresses(books: Books) -> list[str]:
    return [wallet.address for wallet in books.wallets]


def _moved(books: Books, start: datetime, stop: datetime) -> tuple[int, int]:
    usdc = books.tokens.referring("contract", USDC_CONTRACT)[0].id
    done = [
        row
        for row in books.transactions
        if row.token_id == usdc
        and row.state is State.COMPLETE
        and row.final_at is not None
        and start <= row.final_at < stop
    ]
    came_in = sum(row.base_units for row in done if row.is_inbound)
    return came_in, sum(row.base_units for row in done if not row.is_inbound)


def _line(books: Books, row: Transaction) -> dict[str, str]:
    token = books.tokens.by_id[row.token_id]
    wallet = books.wallets.by_id[row.wallet_id]
    return {
        "custodian": CUSTODIAN,
        "custodian_tx_id": row.id,
        "external_tx_id": _reference(row, wallet),
        "direction": "IN" if row.is_inbound else "OUT",
        "asset": token.symbol,
        "chain_id": str(wire.CHAIN_ID),
        "token_contract": token.contract,
        "amount_base_units": str(row.base_units),
        "decimals": str(token.decimals),
        "fee_amount": wire.major(row.network_fee_wei, 18),
        "fee_asset": "ETH",
        "from_address": row.source,
        "to_address": row.destination,
        "tx_hash": row.tx_hash or "",
        "log_index": str(row.log_index) if row.tx_hash else "",
        "block_time": wire.iso(row.first_confirm_at) if row.first_confirm_at else "",
        "status": row.state.value,
        "created_at": wire.iso(row.created_at),
        "updated_at": wire.iso(row.updated_at),
    }


def _reference(row: Transaction, wallet: Wallet) -> str:
    """Tell our id: the one in a transfer's reference, or the payment's of the wallet."""
    match row.ref_id.split(":"):
        case [_, id, *_]:
            return id
        case [""]:
            return wallet.ref_id
        case [plain]:
            return plain
    return row.ref_id


def _csv(lines: Sequence[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()
