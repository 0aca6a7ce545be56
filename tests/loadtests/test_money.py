"""A load test that loses a cent, or an event, is red: planted losses are found."""

import json

import psycopg
import pytest

from loadtests import money
from loadtests.judge import judged
from loadtests.written import everything
from toolkit import assembly
from toolkit.infra.settings import Settings

SHOWN = {"load-1": ("E1", "RELEASED"), "load-2": ("E2", "FUNDS_HELD")}
PAID = {"E1": 125_00, "E2": 40_00}


def person(contract_id="load-1", **more):
    return {
        "contract_id": contract_id,
        "amount_minor": 125_00,
        "accepted": True,
        "paid": True,
        "shown": "RELEASED",
    } | more


def kept(*people, shown=SHOWN, paid=PAID):
    return list(money.kept(people, shown, paid))


def test_what_people_know_and_what_is_kept_agree():
    assert kept(person(), person("load-2", amount_minor=40_00, shown="FUNDS_HELD")) == []


def test_a_contract_that_was_accepted_and_is_nowhere_was_lost():
    assert kept(person("load-3"))[0].startswith("lost: contract load-3")


def test_a_contract_that_was_never_accepted_need_not_be_there():
    assert kept(person("load-3", accepted=False)) == []


def test_a_cent_less_than_was_paid_is_found():
    assert kept(person(), paid={"E1": 124_99}) == [
        "money: 12500 minor units were paid for load-1, 12499 are booked"
    ]


def test_a_payment_that_was_never_booked_is_found():
    assert kept(person(), paid={})[0].startswith("money: 12500")


def test_an_end_that_was_shown_and_is_gone_is_found():
    assert kept(person(), shown={"load-1": ("E1", "DELIVERED")})[0].startswith("taken back")


@pytest.fixture
def platform_dsn(postgres_dsn, tmp_path):
    """The databases of a platform on which nothing has happened."""
    settings = Settings(
        postgres_dsn=postgres_dsn,
        kafka_bootstrap="127.0.0.1:1",
        registry_url="http://127.0.0.1:1",
        stripe_api_key="sk_test_none",
        jwt_issuer="none",
        jwt_audience="none",
        jwt_keys=str(tmp_path / "none"),
        archive_root=tmp_path,
    )
    assembly.bring_up(settings, with_logins=False)
    return postgres_dsn


@pytest.mark.embedded
def test_a_cent_that_is_in_no_account_is_found_in_the_database(platform_dsn):
    assert money.findings(platform_dsn, []) == []
    with psycopg.connect(platform_dsn, autocommit=True) as connection:
        connection.execute(
            "insert into payments.journal values (gen_random_uuid(), 1, 'platform:fees',"
            " 1, 'USD', now())"
        )

    found = money.findings(platform_dsn, [])

    assert any("I2_money_is_conserved" in sentence for sentence in found)


def test_what_a_run_leaves_behind_says_so_everywhere(tmp_path):
    rows = [
        {"kind": "OPEN", "name": "GET /<x>", "latency_ms": 5.0, "outcome": "ok"},
        {"kind": "OPEN", "name": "GET /<x>", "latency_ms": 7.0, "outcome": "500"},
    ]
    verdict = judged({"requests": {"p99_ms": 6}}, rows, {}, ["lost: contract <load-1>"])
    about = dict.fromkeys(
        ("mix", "shape", "rate_per_s", "seconds", "seed", "workers", "host"), "x"
    )
    summary = about | {"verdict": "FAILED", "money_checked": True, "machine": {}}

    everything(tmp_path, summary, verdict, rows)

    assert 'failures="2"' in (tmp_path / "junit.xml").read_text()
    assert "lost: contract &lt;load-1&gt;" in (tmp_path / "report.html").read_text()
    document = json.loads((tmp_path / "summary.json").read_text())
    assert document["findings"] == ["lost: contract <load-1>"]
    assert document["latencies"][0]["failed"] == 1
    assert "GET /<x>,2,1" in (tmp_path / "latencies.csv").read_text()
