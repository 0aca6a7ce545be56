"""A custodian's own export is read as the canonical file that says the same."""

import csv
import io
import json
from datetime import datetime
from decimal import Decimal

import pytest

from tests.recon.day import USDC, Day
from tests.recon.folder import write
from tests.recon.outcome import run_folder
from tests.recon.sources import told
from tests.recon.test_inputs import entry, manifest_of, refused, rewrite, save

SOURCE = "custodian_transactions"
USDC_HERE = "5797fbd6-3795-519d-84ca-ec4c5f80c3b1"
ASSETS = {
    USDC_HERE: {"asset": "USDC", "chain_id": "8453", "token_contract": USDC, "decimals": 6}
}


@pytest.fixture
def day():
    day = Day()
    day.deposited("C0", 20_000_000_001)
    day.escrow("C1", 20_000_000_000, rail="CUSTODIAN")
    for name, minor in (("in-C2", 7_000_000_123_456), ("out-C2", -15_000_100)):
        day.chain_row(name, minor, "07:00", our_ref=name[-2:], log_index="")
    for status in ("SENT", "FAILED", "DENIED", "CANCELLED"):
        day.chain_row(f"odd-{status}", -1_500_000, "08:00", our_ref="x", status=status)
    for row in day.custody:
        row.update(log_index="", block_time=row["created_at"])
    return day


@pytest.fixture
def inputs(day, tmp_path):
    return write(day, tmp_path / "in")


def circle(row):
    return {
        "id": row["custodian_tx_id"],
        "blockchain": "BASE",
        "tokenId": USDC_HERE,
        "walletId": "ce714f5b-0d8e-4062-9454-61aa1154869b",
        "sourceAddress": row["from_address"],
        "destinationAddress": row["to_address"],
        "transactionType": "INBOUND" if row["direction"] == "IN" else "OUTBOUND",
        "custodyType": "DEVELOPER",
        "state": row["status"],
        "amounts": [whole_tokens(row)],
        "txHash": row["tx_hash"],
        "networkFee": row["fee_amount"],
        "firstConfirmDate": row["block_time"],
        "operation": "TRANSFER",
        "refId": row["external_tx_id"],
        "createDate": row["created_at"],
        "updateDate": row["updated_at"],
    }


def circle_mint(row):
    ours = {"type": "wallet", "id": "1000038499"}
    theirs = {"type": "blockchain", "chain": "BASE"}
    sides = (theirs, ours) if row["direction"] == "IN" else (ours, theirs)
    failed = {"DENIED": "transfer_denied", "FAILED": "blockchain_error"}
    return {
        "id": row["custodian_tx_id"],
        "idempotencyKey": row["external_tx_id"],
        "source": sides[0] | {"address": row["from_address"]},
        "destination": sides[1] | {"address": row["to_address"]},
        "amount": {"amount": whole_tokens(row), "currency": "USD"},
        "transactionHash": row["tx_hash"],
        "status": {"COMPLETE": "complete", "SENT": "pending"}.get(row["status"], "failed"),
        "errorCode": failed.get(row["status"]),
        "createDate": row["created_at"],
    }


def fireblocks(row):
    ours = {"type": "VAULT_ACCOUNT", "id": "2", "name": "escrow", "subType": ""}
    theirs = {"type": "ONE_TIME_ADDRESS", "id": "", "name": "N/A", "subType": ""}
    sides = (theirs, ours) if row["direction"] == "IN" else (ours, theirs)
    statuses = {"COMPLETE": "COMPLETED", "SENT": "BROADCASTING", "DENIED": "BLOCKED"}
    return {
        "id": row["custodian_tx_id"],
        "externalTxId": row["external_tx_id"],
        "assetId": "USDC_BASECHAIN_ETH_5I5C",
        "operation": "TRANSFER",
        "source": sides[0],
        "destination": sides[1],
        "amount": float(whole_tokens(row)),
        "amountInfo": {"amount": whole_tokens(row), "requestedAmount": whole_tokens(row)},
        "feeInfo": {"networkFee": row["fee_amount"]},
        "feeCurrency": "BASECHAIN_ETH",
        "sourceAddress": row["from_address"],
        "destinationAddress": row["to_address"],
        "txHash": row["tx_hash"],
        "status": statuses.get(row["status"], row["status"]),
        "createdAt": milliseconds(row["created_at"]),
        "lastUpdated": milliseconds(row["updated_at"]),
    }


def whole_tokens(row):
    return str(Decimal(row["amount_base_units"]).scaleb(-6).normalize().__format__("f"))


def milliseconds(text):
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def flat(item, path=""):
    """An object as a spreadsheet of it has it: a column for each path."""
    if isinstance(item, dict):
        inner = [
            flat(value, f"{path}.{key}" if path else key) for key, value in item.items()
        ]
        return {key: value for part in inner for key, value in part.items()}
    return {f"{path}[0]": item[0]} if isinstance(item, list) else {path: item}


def as_csv(items):
    rows = [flat(item) for item in items]
    columns = sorted({column for row in rows for column in row})
    lines = io.StringIO(newline="")
    writer = csv.DictWriter(lines, columns)
    writer.writeheader()
    writer.writerows(rows)
    return lines.getvalue()


def deliver(inputs, format, content, rows, **said):
    """Put a custodian's own file in the place of the canonical one."""
    rewrite(inputs, SOURCE, content, rows)
    manifest = manifest_of(inputs)
    entry(manifest, SOURCE).update(format=format, **said)
    save(inputs, manifest)


FORMS = {
    "array": json.dumps,
    "lines": lambda items: "\n".join(json.dumps(item) for item in items),
    "answer": lambda items: json.dumps({"data": {"transactions": items}}),
    "csv": as_csv,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("vendor", [circle, fireblocks])
def test_a_custodians_own_export_reads_as_the_canonical_file(day, inputs, vendor, form):
    expected = told(day, inputs, SOURCE)
    items = [vendor(row) for row in day.custody]
    assets = ASSETS if vendor is circle else {}
    deliver(inputs, vendor.__name__, FORMS[form](items), len(items), assets=assets)
    found = told(day, inputs, SOURCE)
    if vendor is fireblocks:  # it tells the block's height and not its time
        expected = [row[:16] + row[17:] for row in expected]
        found = [row[:16] + row[17:] for row in found]
    assert found == expected


def test_circle_mint_calls_usdc_on_base_usd(day, inputs):
    day.custody[:] = [row for row in day.custody if row["status"] != "CANCELLED"]
    items = [circle_mint(row) for row in day.custody]
    write(day, inputs)
    expected = told(day, inputs, SOURCE)
    deliver(inputs, "circle_mint", json.dumps({"data": items}), len(items))
    found = told(day, inputs, SOURCE)
    assert [row[:16] for row in found] == [row[:16] for row in expected]


def test_a_movement_between_two_vault_accounts_leaves_one_and_enters_the_other(day, inputs):
    item = fireblocks(day.custody[0])
    item["source"] = item["destination"]
    deliver(inputs, "fireblocks", json.dumps([item]), 1)
    directions = sorted(row[3] for row in told(day, inputs, SOURCE))
    assert directions == ["IN", "OUT"]


def test_an_asset_that_nobody_listed_is_a_wrong_token_and_counts_for_nothing(tmp_path):
    day = Day()
    row = day.chain_row("stray", 5_000_000, "07:00")
    inputs = write(day, tmp_path / "in")
    manifest = manifest_of(inputs)
    for position in manifest["positions"]:
        if position["rail"] == "CUSTODIAN":
            position["holding_closing_minor"] = position["holding_opening_minor"]
    save(inputs, manifest)
    item = fireblocks(row) | {"assetId": "SHIB_BASE", "amountInfo": {"amount": "0.1234567"}}
    deliver(inputs, "fireblocks", json.dumps([item]), 1)
    assert run_folder(day, inputs, tmp_path / "out").codes == ["WRONG_TOKEN"]


@pytest.mark.parametrize("amount", [12.5, "12,5", "1.2345678", None])
def test_an_amount_that_is_not_exact_is_refused(day, inputs, tmp_path, amount):
    items = [fireblocks(row) for row in day.custody]
    items[1]["amountInfo"]["amount"] = amount
    deliver(inputs, "fireblocks", json.dumps(items), len(items))
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", SOURCE)
    assert "row 2, column amount" in said


def test_a_file_that_is_none_of_the_custodians(day, inputs, tmp_path):
    deliver(inputs, "circle", "[{", 1)
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", SOURCE)
    assert "circle" in said
