"""Do the files of a day add up to the cent, in the contract's columns?"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from stripe_faces import MORNING, HandClock, pay, send

from sims.world.stripe import InProcessStripe, StripeModel, export_day

DAY = MORNING.date()


def read(directory, source):
    with (directory / f"{source}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def total(lines, column="net"):
    return sum((Decimal(line[column]) for line in lines), Decimal(0))


def summed_up(directory):
    lines = read(directory, "stripe_summary")
    return {line["category"]: Decimal(line["net_amount"]) for line in lines}


def on(lines, day):
    return [line for line in lines if line["effective_at_utc"].startswith(day.isoformat())]


@pytest.fixture
def busy(local, clock):
    """Two days with one of everything."""
    local.post("/_sandbox/opening_balance", {"amount": 1_000_000, "currency": "usd"})
    first = pay(local, escrow="E1")["latest_charge"]
    transfer = send(local, first, 12_000)
    local.reverse_transfer(transfer["id"], {"amount": 2_000})
    second = pay(local, 80_000, escrow="E2")["latest_charge"]
    local.create_refund({"charge": second, "amount": 500, "metadata": {"escrow_id": "E2"}})
    dispute = local.open_dispute(second)
    payout = local.create_payout({"amount": 30_000, "currency": "usd"})
    local.create_topup({"amount": 10_000, "currency": "usd", "description": "own, money"})
    clock.advance(days=1)
    local.close_dispute(dispute["id"], is_won=True)
    local.fail_payout(payout["id"])
    pay(local, 999, escrow="E3", currency="eur")
    return local


@pytest.mark.parametrize("days", [0, 1])
def test_items_add_up_to_the_summary_and_the_summary_to_its_end(busy, days, tmp_path):
    day = DAY + timedelta(days=days)
    export_day(busy.model, day, tmp_path)
    activity = [
        line for line in read(tmp_path, "stripe_activity") if line["currency"] == "usd"
    ]
    payouts = on(read(tmp_path, "stripe_payouts"), day)
    lines = [line for line in read(tmp_path, "stripe_summary") if line["currency"] == "usd"]
    summary = {line["category"]: Decimal(line["net_amount"]) for line in lines}
    assert total(activity) == summary["activity"]
    assert total(payouts) == summary["payouts"]
    moved = summary["activity"] + summary["payouts"]
    assert summary["starting_balance"] + moved == summary["ending_balance"]


def test_one_day_ends_where_the_next_begins(busy, tmp_path):
    export_day(busy.model, DAY, tmp_path / "1")
    export_day(busy.model, DAY + timedelta(days=1), tmp_path / "2")
    first, second = (read(tmp_path / name, "stripe_summary") for name in "12")
    endings = {
        line["currency"]: line["net_amount"]
        for line in first
        if line["category"] == "ending_balance"
    }
    for line in second:
        if line["category"] == "starting_balance":
            assert line["net_amount"] == endings.get(line["currency"], "0.00")


def test_the_ending_balance_is_the_balance_of_the_api(busy, tmp_path):
    export_day(busy.model, DAY + timedelta(days=1), tmp_path)
    balance = busy.retrieve_balance()
    endings = {
        line["currency"]: Decimal(line["net_amount"]) * 100
        for line in read(tmp_path, "stripe_summary")
        if line["category"] == "ending_balance"
    }
    shown = Counter()
    for part in ("available", "pending"):
        for entry in balance[part]:
            shown[entry["currency"]] += entry["amount"]
    assert endings == shown


def test_each_row_satisfies_net_is_gross_less_fee_with_the_contracts_signs(busy, tmp_path):
    export_day(busy.model, DAY, tmp_path)
    signs = {"charge": 1, "transfer_reversal": 1, "topup": 1}
    for line in read(tmp_path, "stripe_activity"):
        gross, fee, net = (Decimal(line[name]) for name in ("gross", "fee", "net"))
        assert net == gross - fee
        assert (gross > 0) == (signs.get(line["reporting_category"], -1) > 0)


def test_rows_name_the_escrow_in_the_column_of_their_kind(busy, tmp_path):
    export_day(busy.model, DAY, tmp_path)
    named = {
        line["reporting_category"]: (
            line["payment_metadata[escrow_id]"],
            line["transfer_metadata[escrow_id]"],
            line["refund_metadata[escrow_id]"],
        )
        for line in read(tmp_path, "stripe_activity")
    }
    assert named == {
        "charge": ("E2", "", ""),
        "transfer": ("", "E1", ""),
        "transfer_reversal": ("", "E1", ""),
        "refund": ("E2", "", "E2"),
        "dispute": ("E2", "", ""),
        "topup": ("", "", ""),
    }


def test_a_row_reads_as_the_contract_says(local, tmp_path):
    charge = pay(local)["latest_charge"]
    export_day(local.model, DAY, tmp_path)
    [row] = read(tmp_path, "stripe_activity")
    del row["balance_transaction_id"]
    assert row == {
        "created_utc": "2026-11-17 09:00:00",
        "available_on_utc": "2026-11-19 00:00:00",
        "currency": "usd",
        "gross": "123.00",
        "fee": "3.87",
        "net": "119.13",
        "reporting_category": "charge",
        "source_id": charge,
        "description": "",
        "payment_metadata[escrow_id]": "E1",
        "transfer_metadata[escrow_id]": "",
        "refund_metadata[escrow_id]": "",
    }


def test_a_payout_that_failed_comes_back_as_a_reversal(busy, tmp_path):
    export_day(busy.model, DAY + timedelta(days=1), tmp_path)
    out, back = read(tmp_path, "stripe_payouts")
    assert (out["reporting_category"], out["net"]) == ("payout", "-300.00")
    assert (back["reporting_category"], back["net"]) == ("payout_reversal", "300.00")
    assert out["payout_status"] == "failed"


def test_a_paid_payout_has_the_banks_reference(local, clock, tmp_path):
    local.post("/_sandbox/opening_balance", {"amount": 50_000, "currency": "usd"})
    local.create_payout({"amount": 30_000, "currency": "usd"})
    clock.advance(days=3)
    local.retrieve_balance()
    export_day(local.model, DAY + timedelta(days=3), tmp_path)
    [payout] = read(tmp_path, "stripe_payouts")
    assert payout["payout_status"] == "paid"
    assert payout["trace_id"].startswith("TRC")


def test_a_day_is_half_open_and_rows_of_one_instant_keep_their_order(tmp_path):
    clock = HandClock(
        at=MORNING.replace(hour=23, minute=59, second=59, microsecond=999_999)
    )
    stripe = InProcessStripe(StripeModel(now=clock.now, seed=7))
    made = [pay(stripe)["latest_charge"] for _ in range(20)]
    clock.advance(microseconds=1)
    late = pay(stripe)["latest_charge"]
    export_day(stripe.model, DAY, tmp_path)
    assert [line["source_id"] for line in read(tmp_path, "stripe_activity")] == made
    export_day(stripe.model, DAY + timedelta(days=1), tmp_path)
    assert [line["source_id"] for line in read(tmp_path, "stripe_activity")] == [late]


def test_the_entries_describe_the_files_for_the_manifest(busy, tmp_path):
    for entry in export_day(busy.model, DAY, tmp_path):
        content = (tmp_path / entry["path"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["rows"] == len(read(tmp_path, entry["source"]))
        assert entry["interval_end"] == "2026-11-18T00:00:00Z"


def test_an_empty_day_is_a_day(local, tmp_path):
    export_day(local.model, date(2026, 1, 1), tmp_path)
    assert read(tmp_path, "stripe_activity") == []
    assert set(summed_up(tmp_path).values()) == {Decimal("0.00")}


def test_the_http_face_writes_the_same_bytes(http, server, model, tmp_path):
    pay(http)
    answer = http.post(f"/_sandbox/exports/{DAY}")
    face, _ = server
    assert answer["directory"] == str(face.exports / str(DAY))
    export_day(model, DAY, tmp_path)
    for entry in answer["files"]:
        written = (face.exports / str(DAY) / entry["path"]).read_bytes()
        assert written == (tmp_path / entry["path"]).read_bytes()
