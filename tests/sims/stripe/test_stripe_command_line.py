"""Does the sandbox start from the command line, and is the official SDK at home there?"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time

import httpx
import pytest
import stripe
from stripe_faces import HttpStripe, pay, served

from sims.world.stripe import ProviderTimeout
from sims.world.stripe.__main__ import main
from sims.world.stripe.form import decode_form
from sims.world.stripe.http import Face


def test_help_shows_examples_and_every_control(capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["--help"])
    shown = capsys.readouterr().out
    assert leaving.value.code == 0
    assert "examples:" in shown
    assert "/_sandbox/ledger" in shown


def test_every_fault_can_be_listed(capsys):
    assert main(["--list-faults"]) == 0
    assert "webhook_lost" in capsys.readouterr().out


def test_a_missing_fault_file_is_wrong_usage(tmp_path, capsys):
    assert main(["--faults", str(tmp_path / "nowhere.json")]) == 64
    assert "nowhere.json" in capsys.readouterr().err


def test_forms_nest():
    form = decode_form(
        [
            ("metadata[escrow_id]", "E1"),
            ("created[gte]", "5"),
            ("expand[0]", "a"),
            ("expand[1]", "b.c"),
            ("types[]", "x"),
            ("types[]", "y"),
            ("metadata[0]", "zero"),
        ]
    )
    assert form == {
        "metadata": {"escrow_id": "E1", "0": "zero"},
        "created": {"gte": "5"},
        "expand": ["a", "b.c"],
        "types": ["x", "y"],
    }


@pytest.fixture
async def patient(server, model):
    """The SDK's async client, which tries once more by itself."""
    face, url = server
    face.model = model
    transport = stripe.HTTPXClient()
    yield stripe.StripeClient(
        "sk_test_suite",
        base_addresses={"api": url},
        max_network_retries=1,
        http_client=transport,
    )
    await transport.close_async()


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("pm_card_chargeDeclined", stripe.CardError),
        ("pm_nobody_knows", stripe.InvalidRequestError),
    ],
)
def test_refusals_arrive_as_the_sdks_own_exceptions(http, method, error):
    asked = {"amount": 100, "currency": "usd", "confirm": True, "payment_method": method}
    with pytest.raises(error):
        http.v1.payment_intents.create(asked)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rate_limited", stripe.RateLimitError),
        ("failed_before", stripe.APIError),
        ("failed_after", stripe.APIError),
        ("call_lost", stripe.APIConnectionError),
        ("timed_out_after", stripe.APIConnectionError),
    ],
)
def test_faults_arrive_as_the_sdks_own_exceptions(http, fault, error):
    http.post(f"/_sandbox/faults/{fault}/next")
    with pytest.raises(error):
        http.v1.topups.create({"amount": 100, "currency": "usd"})


def test_an_answer_that_is_held_back_too_long_is_a_timeout(model):
    transport = stripe.RequestsClient(timeout=0.05)
    with served(Face(model=model, hold_s=0.3)) as url:
        client = stripe.StripeClient(
            "sk_test_suite",
            base_addresses={"api": url},
            max_network_retries=0,
            http_client=transport,
        )
        model.books.dice.order("timed_out_after", 1)
        with pytest.raises(stripe.APIConnectionError, match="Timeout"):
            client.v1.topups.create({"amount": 100, "currency": "usd"})
        transport.close()
    assert len(model.books.topups) == 1


def test_a_reused_key_and_a_bad_api_key_have_exceptions_of_their_own(http):
    options = {"idempotency_key": "k"}
    http.v1.topups.create({"amount": 100, "currency": "usd"}, options)
    with pytest.raises(stripe.IdempotencyError):
        http.v1.topups.create({"amount": 101, "currency": "usd"}, options)
    with pytest.raises(stripe.AuthenticationError):
        http.v1.balance.retrieve({}, {"api_key": "sk_live_oops"})


async def test_a_retry_by_the_sdk_itself_makes_no_second_object(http, patient):
    http.post("/_sandbox/faults", {"in_flight_s": 0})
    http.post("/_sandbox/faults/timed_out_after/next")
    answer = await patient.v1.topups.create_async({"amount": 100, "currency": "usd"})
    assert answer.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(http.v1.topups.list().data) == 1


def test_the_sdk_pages_through_a_list_by_itself(http):
    made = [pay(http)["latest_charge"] for _ in range(7)]
    listed = http.v1.charges.list({"limit": 3}).auto_paging_iter()
    assert [charge.id for charge in listed] == made[::-1]


async def test_the_async_client_is_at_home_too(patient):
    asked = {"amount": 12_300, "currency": "usd", "metadata": {"escrow_id": "E1"}}
    many = (patient.v1.payment_intents.create_async(asked) for _ in range(20))
    assert len({intent.id for intent in await asyncio.gather(*many)}) == 20


@pytest.fixture
def process(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = ["-m", "sims.world.stripe", "--port", str(port), "--seed", "3"]
    clock = ["--clock-start", "2026-11-17T09:00:00Z", "--exports", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, *command, *clock], stdout=subprocess.PIPE, env=environment
    ) as running:
        assert running.stdout is not None
        assert b"Stripe sandbox on" in running.stdout.readline()
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                httpx.get(url + "/_sandbox/health")
                break
            except httpx.ConnectError:
                time.sleep(0.02)
        yield url
        running.terminate()


@pytest.mark.slow
def test_a_process_of_its_own_lives_through_a_day_and_exports_it(process, tmp_path):
    face = HttpStripe(process)
    pay(face)
    face.post("/_sandbox/faults/call_lost/next")
    with pytest.raises(ProviderTimeout):
        pay(face)
    face.post("/_sandbox/clock", {"advance_s": 86_400})
    health = face.get("/_sandbox/health")
    files = face.post("/_sandbox/exports/2026-11-17")["files"]
    face.close()
    assert health["now"].startswith("2026-11-18T09:00:")
    assert [entry["rows"] for entry in files] == [1, 4, 0]
    assert (tmp_path / "2026-11-17" / "stripe_activity.csv").is_file()
