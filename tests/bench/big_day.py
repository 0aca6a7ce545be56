"""A large day in order but for a few planted breaks, made by SQL in seconds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb

DAY = "2026-11-19"
ACCOUNT = "acct_bench"
BROKEN_EVERY = 10_000  # one row in so many has another amount than was booked
EVENTS = """
    copy (
        select
            'payments.events.v1' as topic,
            (n % 12)::integer as "partition",
            n // 12 as "offset",
            md5('event' || n) as event_id,
            'PaymentSucceeded' as event_type,
            'esc-' || n as aggregate_id,
            1::bigint as aggregate_version,
            (timestamp '{day} 01:00:00' + to_seconds(n % 82000))::timestamptz
                as occurred_at,
            'c' as correlation_id,
            'c' as causation_id,
            '{{"escrow_id":"esc-' || n || '","payment_id":"p' || n
            || '","rail":"STRIPE","amount":{{"minor":' || {minor}
            || ',"currency":"USD"}},"fee":{{"minor":30,"currency":"USD"}},'
            || '"provider_ref":"ch_' || md5(n::varchar) || '"}}' as payload
        from range({rows}) as numbers (n)
        order by n % 12, n // 12
    ) to '{path}' (format parquet)
"""
ACTIVITY = """
    copy (
        select
            'txn_' || n as balance_transaction_id,
            strftime(
                timestamp '{day} 01:00:00' + to_seconds(n % 82000), '%Y-%m-%d %H:%M:%S'
            ) as created_utc,
            created_utc as available_on_utc,
            'usd' as currency,
            {major} as gross,
            '0.30' as fee,
            ({major} - 0.30)::decimal(18, 2) as net,
            'charge' as reporting_category,
            'ch_' || md5(n::varchar) as source_id,
            'Escrow deposit ' || n as description,
            'esc-' || n as "payment_metadata[escrow_id]",
            '' as "transfer_metadata[escrow_id]",
            '' as "refund_metadata[escrow_id]"
        from range({rows}) as numbers (n)
        order by md5(n::varchar)
    ) to '{path}' (format csv, header)
"""
MINOR = "(1000 + n * 7919 % 900000)"
MAJOR = "((1000 + n * 7919 % 900000 + (n % {every} = 7)::bigint) / 100)::decimal(18, 2)"
EMPTY = {
    "stripe_payouts": "payout_id,effective_at_utc,currency,gross,fee,net,"
    "reporting_category,balance_transaction_id,payout_status,trace_id\n",
    "custodian_transactions": "custodian,custodian_tx_id,external_tx_id,direction,asset,"
    "chain_id,token_contract,amount_base_units,decimals,fee_amount,fee_asset,from_address,"
    "to_address,tx_hash,log_index,block_time,status,created_at,updated_at\n",
}
BALANCE = (
    "<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp>"
    '<Amt Ccy="USD">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
)


def write_big_day(folder: Path, rows: int) -> int:
    """Write six files with so many events and as many rows; answer how many are broken."""
    folder.mkdir(parents=True)
    events, activity = folder / "escrow_events.parquet", folder / "stripe_activity.csv"
    major = MAJOR.format(every=BROKEN_EVERY)
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute(EVENTS.format(day=DAY, minor=MINOR, rows=rows, path=events))
        db.execute(ACTIVITY.format(day=DAY, major=major, rows=rows, path=activity))
        [(net,)] = db.execute(
            f"select sum({major} - 0.30)::decimal(38, 2)::varchar"
            f" from range({rows}) as numbers (n)"
        ).fetchall()
    _write_small_files(folder, net)
    counts = {"escrow_events": rows, "stripe_activity": rows, "stripe_summary": 4}
    _write_manifest(folder, counts, own_funds_minor=-30 * rows)
    return len(range(7, rows, BROKEN_EVERY))


def _write_small_files(folder: Path, net: str) -> None:
    for source, header in EMPTY.items():
        (folder / f"{source}.csv").write_text(header)
    (folder / "stripe_summary.csv").write_text(
        "category,net_amount,currency\nstarting_balance,0.00,usd\n"
        f"activity,{net},usd\npayouts,0.00,usd\nending_balance,{net},usd\n"
    )
    (folder / "bank_statement.xml").write_text(
        "<Document><Stmt><Id>1</Id>"
        f"{BALANCE.format('OPBD')}{BALANCE.format('CLBD')}</Stmt></Document>"
    )


def _write_manifest(folder: Path, counts: dict[str, int], *, own_funds_minor: int) -> None:
    files = [
        {
            "source": path.stem,
            "path": path.name,
            "account": ACCOUNT,
            "timezone": "Etc/UTC",
            "interval_start": f"{DAY}T00:00:00Z",
            "interval_end": "2026-11-20T00:00:00Z",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "rows": counts.get(path.stem, 0),
        }
        for path in sorted(folder.iterdir())
    ]
    position = {"rail": "STRIPE", "currency": "USD", "own_funds_opening_minor": 0}
    manifest = {
        "business_date": DAY,
        "as_of": "2026-11-20T12:00:00Z",
        "files": files,
        "positions": [position | {"own_funds_closing_minor": own_funds_minor}],
        "own_addresses": [],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
