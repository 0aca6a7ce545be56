"""Write a built day as a folder of inputs, with the balances a provider would state."""

import csv
import hashlib
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.recon.day import (
    ACTIVITY,
    CUSTODY,
    IBAN,
    MONEY_SIGN,
    PAYOUTS,
    STRIPE_ACCOUNT,
    TREASURY,
    USDC,
    VAULT,
    Day,
    iso,
    major,
)

EVENT_COLUMNS = {
    "topic": pa.string(),
    "partition": pa.int32(),
    "offset": pa.int64(),
    "event_id": pa.string(),
    "event_type": pa.string(),
    "aggregate_id": pa.string(),
    "aggregate_version": pa.int64(),
    "occurred_at": pa.timestamp("us", tz="UTC"),
    "correlation_id": pa.string(),
    "causation_id": pa.string(),
    "payload": pa.string(),
    "ce_source": pa.string(),
}


def write(day: Day, folder: Path) -> Path:
    """The six files and their manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "escrow_events": _events(day, folder),
        "stripe_activity": _csv(folder, "stripe_activity", ACTIVITY, day.activity),
        "stripe_summary": _summary(day, folder),
        "stripe_payouts": _csv(folder, "stripe_payouts", PAYOUTS, day.payouts),
        "custodian_transactions": _csv(
            folder, "custodian_transactions", CUSTODY, day.custody
        ),
        "bank_statement": _bank(day, folder),
    }
    write_manifest(day, folder, files)
    return folder


def write_manifest(day: Day, folder: Path, files: dict) -> None:
    back = {"stripe_payouts": 6, "bank_statement": 6}
    accounts = {"custodian_transactions": VAULT, "bank_statement": IBAN}
    end = day.start + timedelta(days=1)
    entries = [
        {
            "source": source,
            "path": path.name,
            "account": accounts.get(source, STRIPE_ACCOUNT),
            "timezone": "Etc/UTC",
            "interval_start": iso(day.start - timedelta(days=back.get(source, 0))),
            "interval_end": iso(end),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "rows": rows,
        }
        for source, (path, rows) in files.items()
    ]
    manifest = {
        "business_date": day.date,
        "as_of": day.as_of or iso(end + timedelta(hours=12)),
        "files": entries,
        "own_addresses": [TREASURY],
        "offset_ranges": day.offset_ranges or [],
    }
    if day.positions:
        manifest["positions"] = _positions(day)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))


def _events(day: Day, folder: Path) -> tuple[Path, int]:
    path = folder / "escrow_events.parquet"
    rows = [
        dict.fromkeys(("correlation_id", "causation_id"), "c")
        | {"ce_source": "test"}
        | event
        | {"payload": _as_text(event["payload"])}
        for event in day.events
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(EVENT_COLUMNS)), path)
    return path, len(rows)


def _as_text(payload: dict | str) -> str:
    return payload if isinstance(payload, str) else json.dumps(payload)


def _csv(folder: Path, source: str, columns: tuple, rows: list) -> tuple[Path, int]:
    path = folder / f"{source}.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path, len(rows)


def _items(day: Day, currency: str = "usd") -> int:
    return sum(
        cents(row["net"])
        for row in day.activity
        if row["currency"] == currency and row["source_id"] not in day.holds_already
    )


def _payouts_of_day(day: Day) -> int:
    return sum(
        cents(payout["net"])
        for payout in day.payouts
        if payout["effective_at_utc"].startswith(day.date)
    )


def stated(day: Day) -> dict:
    """Stripe's own figures, with whatever slip the test plants."""
    opening = own_opening("STRIPE") + _owed_at_opening(day, "USD")
    opening += day.moved_before.get("STRIPE", 0)
    figures = {
        "starting_balance": opening,
        "activity": _items(day) + day.summary_slip.get("activity", 0),
        "payouts": _payouts_of_day(day) + day.summary_slip.get("payouts", 0),
    }
    ending = opening + _items(day) + _payouts_of_day(day)
    return figures | {"ending_balance": ending + day.summary_slip.get("ending_balance", 0)}


def _summary(day: Day, folder: Path) -> tuple[Path, int]:
    rows = [
        {"category": name, "net_amount": major(minor), "currency": "usd"}
        for name, minor in stated(day).items()
    ]
    for currency in day.states_currencies:
        if currency != "usd":
            items = major(_items(day, currency))
            figures = {"starting_balance": "0.00", "activity": items}
            figures |= {"payouts": "0.00", "ending_balance": items}
            rows += [
                {"category": name, "net_amount": amount, "currency": currency}
                for name, amount in figures.items()
            ]
    return _csv(folder, "stripe_summary", ("category", "net_amount", "currency"), rows)


def own_opening(rail: str) -> int:
    return 1_000_000_00 if rail == "STRIPE" else 500_000_000_000


def _money_events(day: Day, currency: str, *, of_day: bool) -> list:
    seen, events = set(), []
    for event in sorted(day.events, key=lambda e: (e["occurred_at"], e["offset"])):
        payload = event["payload"]
        if event["event_type"] not in MONEY_SIGN or isinstance(payload, str):
            continue
        ref = (
            event["event_type"],
            payload.get("provider_ref", payload.get("dispute_ref")),
        )
        is_of_day = event["occurred_at"] >= day.start
        if payload["amount"]["currency"] == currency and ref not in seen:
            seen.add(ref)
            if is_of_day == of_day:
                events.append(event)
    return events


def _owed_at_opening(day: Day, currency: str) -> int:
    """What earlier events owe, less what of it only arrives today."""
    today = _refs_of_today(day)
    today |= {row["custodian_tx_id"] for row in day.custody}
    today -= day.holds_already
    earlier = _money_events(day, currency, of_day=False)
    owed = sum(
        MONEY_SIGN[event["event_type"]] * event["payload"]["amount"]["minor"]
        for event in earlier
        if event["payload"].get("provider_ref") not in today
    )
    won = {
        event["payload"]["dispute_ref"]
        for event in day.events
        if event["event_type"] == "ChargebackClosed" and event["occurred_at"] < day.start
    }
    return owed + sum(
        event["payload"]["amount"]["minor"]
        for event in earlier
        if event["payload"].get("dispute_ref") in won
    )


def _refs_of_today(day: Day) -> set:
    """What moved today; a reversal that names its transfer did not move that transfer."""
    return {
        row["source_id"]
        for row in day.activity
        if row["reporting_category"] != "transfer_reversal"
    }


def _charged_today(day: Day) -> list:
    """Bookings whose fee was taken today: those of the day and those whose row is late."""
    today = _refs_of_today(day) - day.holds_already
    late = [
        event
        for event in _money_events(day, "USD", of_day=False)
        if event["payload"].get("provider_ref") in today
    ]
    return late + _money_events(day, "USD", of_day=True)


def _positions(day: Day) -> list:
    fees = sum(
        event["payload"].get("fee", {}).get("minor", 0) for event in _charged_today(day)
    )
    own_rows = sum(
        cents(row["gross"]) - cents(row["fee"])
        for row in day.activity
        if row["reporting_category"] in {"topup", "fee"}
    )
    dispute_fees = sum(
        cents(row["fee"])
        for row in day.activity
        if row["reporting_category"].startswith("dispute")
    )
    own = own_opening("STRIPE")
    closing = own + own_rows - dispute_fees - fees + _payouts_of_day(day)
    vault = own_opening("CUSTODIAN")
    holding = vault + _owed_at_opening(day, "USDC") + day.moved_before.get("CUSTODIAN", 0)
    moved = sum(
        int(row["amount_base_units"]) * (1 if row["direction"] == "IN" else -1)
        for row in day.custody
        if row["status"] == "COMPLETE"
        and row["custodian_tx_id"] not in day.holds_already
        and row["token_contract"].lower() == USDC.lower()
        and row["chain_id"] == "8453"
        and row["asset"] in {"USDC", "USD"}
    )
    dust = sum(
        int(row["amount_base_units"])
        for row in day.custody
        if row["from_address"].lower() == TREASURY.lower() and row["direction"] == "IN"
    )
    return [
        {
            "rail": "STRIPE",
            "currency": "USD",
            "own_funds_opening_minor": own,
            "own_funds_closing_minor": closing + day.own_funds_slip.get("STRIPE", 0),
        },
        {
            "rail": "CUSTODIAN",
            "currency": "USDC",
            "own_funds_opening_minor": vault,
            "own_funds_closing_minor": vault
            + dust
            + day.own_funds_slip.get("CUSTODIAN", 0),
            "holding_opening_minor": holding,
            "holding_closing_minor": holding
            + moved
            + day.summary_slip.get("holding_closing", 0),
        },
    ]


def _bank(day: Day, folder: Path) -> tuple[Path, int]:
    path = folder / "bank_statement.xml"
    booked = sum(
        entry["minor"] * (1 if entry["direction"] == "CRDT" else -1)
        for entry in day.entries
        if entry["status"] == "BOOK"
    )
    closing = 1_000_00 + booked + day.bank_slip
    entries = "".join(_entry(number, entry) for number, entry in enumerate(day.entries))
    path.write_text(
        '<?xml version="1.0"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
        f"<BkToCstmrStmt><Stmt><Id>1</Id>{_balance('OPBD', 1_000_00)}"
        f"{_balance('CLBD', closing)}{entries}</Stmt></BkToCstmrStmt></Document>"
    )
    return path, len(day.entries)


def cents(text: str) -> int:
    return int(Decimal(text).scaleb(2))


def _balance(code: str, minor: int) -> str:
    side = "CRDT" if minor >= 0 else "DBIT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="USD">{major(abs(minor))}</Amt><CdtDbtInd>{side}</CdtDbtInd></Bal>'
    )


def _entry(number: int, entry: dict) -> str:
    return (
        f'<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="USD">{major(entry["minor"])}</Amt>'
        f"<CdtDbtInd>{entry['direction']}</CdtDbtInd><Sts><Cd>{entry['status']}</Cd></Sts>"
        f"<BookgDt><Dt>{entry['date']}</Dt></BookgDt><NtryDtls><TxDtls><Refs>"
        f"<EndToEndId>{entry['ref']}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
    )
