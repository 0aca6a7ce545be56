"""What is pulled from Stripe's API is the report of the same day, to the byte."""

import csv
import json
import socket
from datetime import timedelta

import pytest

from recon.__main__ import main
from recon.currencies import places_of
from recon.pulling.stripe_report import major
from sims.world.stripe import InProcessStripe, StripeModel, export_day
from sims.world.stripe.http import Face
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.test_collect import archive
from tests.sims.stripe.stripe_faces import HandClock, pay, send, served

KEY = "sk_test_never_to_be_printed"
PULLED = ("stripe_activity", "stripe_payouts", "stripe_summary")


@pytest.fixture(scope="module")
def server():
    face = Face(model=StripeModel(now=HandClock().now, seed=7))
    with served(face) as url:
        yield face, url


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def model(server, clock):
    server[0].model = StripeModel(now=clock.now, seed=7)
    return server[0].model


@pytest.fixture
def days(model, clock):
    """Two days with one of everything, and more than a page of charges on the first."""
    stripe = InProcessStripe(model)
    stripe.post("/_sandbox/opening_balance", {"amount": 1_000_000, "currency": "usd"})
    for number in range(120):
        pay(stripe, 1_000 + number, escrow=f"P{number}")
    first = pay(stripe, escrow="E1")["latest_charge"]
    transfer = send(stripe, first, 12_000)
    stripe.reverse_transfer(transfer["id"], {"amount": 2_000})
    second = pay(stripe, 80_000, escrow="E2")["latest_charge"]
    own = {"escrow_id": "E2"}
    stripe.create_refund({"charge": second, "amount": 500, "metadata": own})
    dispute = stripe.open_dispute(second)
    payout = stripe.create_payout({"amount": 30_000, "currency": "usd"})
    stripe.create_topup({"amount": 10_000, "currency": "usd", "description": "own, money"})
    clock.advance(days=1)
    stripe.close_dispute(dispute["id"], is_won=True)
    stripe.fail_payout(payout["id"])
    pay(stripe, 999, escrow="E3", currency="eur")
    clock.advance(days=1)  # Stripe reports a day when it has ended
    return [clock.now().date() - timedelta(days=ago) for ago in (2, 1)]


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """An archive; whose events is of no matter here."""
    import duckdb

    folder = tmp_path_factory.mktemp("events")
    day = Day()
    day.paid("E0")
    inputs = write(day, folder / "hand")
    with duckdb.connect() as db:
        found = db.read_parquet(str(inputs / "escrow_events.parquet"))
        return archive(found, folder / "archive")


@pytest.fixture
def collect(server, events, tmp_path, monkeypatch):
    monkeypatch.setenv("RECON_STRIPE_API_KEY", KEY)

    def run(day, output="in", *options):
        (tmp_path / "exports").mkdir(exist_ok=True)
        return main(
            [
                *("collect", "--day", str(day), "--archive", str(events)),
                *("--exports", str(tmp_path / "exports")),
                *("--output", str(tmp_path / output), "--stripe-url", server[1]),
                *(option for name in PULLED for option in ("--pull", name)),
                *options,
            ]
        )

    return run


@pytest.mark.parametrize("number", [0, 1])
def test_a_pulled_day_is_the_reports_of_that_day(number, model, days, collect, tmp_path):
    export_day(model, days[number], tmp_path / "reports")
    collect(days[number])
    for source in PULLED:
        report = (tmp_path / "reports" / f"{source}.csv").read_bytes()
        assert (tmp_path / "in" / f"{source}.csv").read_bytes() == report
        assert report.count(b"\n") > 1


def test_the_manifest_says_what_was_pulled(model, days, collect, tmp_path):
    announced = {
        entry["source"]: entry for entry in export_day(model, days[0], tmp_path / "reports")
    }
    collect(days[0])
    manifest = json.loads((tmp_path / "in" / "manifest.json").read_text())
    found = {entry["source"]: entry for entry in manifest["files"]}
    for source in PULLED:
        kept = ("sha256", "rows", "interval_start", "interval_end", "path")
        assert {name: found[source][name] for name in kept} == {
            name: announced[source][name] for name in kept
        }


def test_the_control_totals_are_those_of_the_rows(days, collect, tmp_path):
    collect(days[0])
    manifest = json.loads((tmp_path / "in" / "manifest.json").read_text())
    [entry] = [e for e in manifest["files"] if e["source"] == "stripe_activity"]
    with (tmp_path / "in" / "stripe_activity.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    total = sum(int(row["net"].replace(".", "")) for row in rows)
    assert entry["control_totals"]["USD"]["net_minor"] == total


def test_a_pull_takes_the_place_of_an_export(model, days, collect, tmp_path):
    export_day(model, days[1], tmp_path / "exports")
    export_day(model, days[0], tmp_path / "reports")
    collect(days[0])
    report = (tmp_path / "reports" / "stripe_activity.csv").read_bytes()
    assert (tmp_path / "in" / "stripe_activity.csv").read_bytes() == report


def test_without_a_key_it_is_wrong_usage(days, collect, monkeypatch, capsys):
    monkeypatch.delenv("RECON_STRIPE_API_KEY")
    assert collect(days[0]) == 64
    assert "RECON_STRIPE_API_KEY_FILE" in capsys.readouterr().err


def test_a_key_may_be_in_a_file(days, collect, monkeypatch, tmp_path):
    monkeypatch.delenv("RECON_STRIPE_API_KEY")
    (tmp_path / "key").write_text(KEY + "\n")
    monkeypatch.setenv("RECON_STRIPE_API_KEY_FILE", str(tmp_path / "key"))
    collect(days[0])
    assert (tmp_path / "in" / "stripe_activity.csv").exists()


def test_a_wrong_key_is_told_without_printing_it(days, collect, monkeypatch, capsys):
    monkeypatch.setenv("RECON_STRIPE_API_KEY", "wrong_key_never_to_be_printed")
    assert collect(days[0]) == 2
    said = capsys.readouterr()
    assert "refuses the key" in said.err
    assert "never_to_be_printed" not in said.out + said.err


def test_a_pull_that_fails_leaves_what_was_there(days, collect, capsys, tmp_path):
    collect(days[0])
    before = {path.name: path.read_bytes() for path in (tmp_path / "in").iterdir()}
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    assert collect(days[1], "in", "--stripe-url", f"http://127.0.0.1:{port}") == 2
    assert "does not answer" in capsys.readouterr().err
    after = {path.name: path.read_bytes() for path in (tmp_path / "in").iterdir()}
    assert after == before


def test_reads_that_stripe_breaks_off_are_made_again(server, clock, collect, tmp_path):
    broken = StripeModel(now=clock.now, seed=7)
    server[0].model = broken
    pay(InProcessStripe(broken), 4_200)
    InProcessStripe(broken).post("/_sandbox/faults/failed_before/next", {"count": 1})
    clock.advance(days=1)
    collect(clock.now().date() - timedelta(days=1))
    with (tmp_path / "in" / "stripe_activity.csv").open(newline="") as file:
        assert [row["gross"] for row in csv.DictReader(file)] == ["42.00"]


@pytest.mark.usefixtures("days")
def test_a_report_of_a_day_that_has_not_ended_is_refused_by_stripe(clock, collect, capsys):
    assert collect(clock.now().date()) == 2
    assert "Data is not available" in capsys.readouterr().err


def test_the_summary_says_where_it_is_from(days, collect, tmp_path):
    collect(days[0])
    manifest = json.loads((tmp_path / "in" / "manifest.json").read_text())
    [entry] = [e for e in manifest["files"] if e["source"] == "stripe_summary"]
    assert entry["origin"] == "Stripe API: report run balance.summary.1"
    assert entry["rows"] == 4


def test_an_address_without_a_pull_is_wrong_usage(events, tmp_path):
    given = ["--exports", str(tmp_path), "--output", str(tmp_path / "in")]
    asked = ["collect", "--day", "2026-11-19", "--archive", str(events), *given]
    assert main([*asked, "--stripe-url", "http://127.0.0.1:1"]) == 64


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (-5, "usd", "-0.05"),
        (1, "jpy", "1"),
        (0, "eur", "0.00"),
        (12_345, "kwd", "12.345"),
        (9_007_199_254_740_993, "usd", "90071992547409.93"),
    ],
)
def test_minor_units_become_exact_decimals(amount_minor, currency, text):
    assert major(amount_minor, currency) == text
    assert int(text.replace(".", "")) == amount_minor
    assert len(text.partition(".")[2]) == places_of(currency)
