"""Stripe's own mock, which knows its published OpenAPI, finds nothing wrong in what we ask.

It needs the program `stripe-mock`, on the path or where STRIPE_MOCK says:
`go install github.com/stripe/stripe-mock@latest`.
"""

import os
import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from toolkit.core.money import Money
from toolkit.infra.processes import free_port
from toolkit.infra.stripe import connect
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CancelPaymentIntent,
    CreatePaymentIntent,
    InitiateRefund,
    InspectPayment,
    PaymentIntentCreated,
    ReverseTransfer,
    TransferToSeller,
)
from toolkit.payments.stripe import StripeRail
from toolkit.payments.stripe_news import StripeNews
from toolkit.runtime.agenda import Attempt

NOW = datetime(2026, 11, 18, tzinfo=UTC)
NAMES = {"escrow_id": "E1", "payment_id": "P1"}
STRIPE = {**NAMES, "rail": Rail.STRIPE, "amount": Money(125_00)}
ASKED = [
    CreatePaymentIntent(**STRIPE, payer_id="ada"),
    CancelPaymentIntent(**NAMES, provider_ref="pi_1"),
    TransferToSeller(
        **STRIPE, transfer_id="T1", payee_id="bob", destination="acct_1", source_ref="ch_1"
    ),
    ReverseTransfer(**NAMES, transfer_id="T1", amount=Money(25_00), provider_ref="tr_1"),
    InitiateRefund(**STRIPE, refund_id="R1", reason="a test", source_ref="ch_1"),
    InspectPayment(rail=Rail.STRIPE, object_ref="pi_1"),
    InspectPayment(rail=Rail.STRIPE, object_ref="ch_1"),
    InspectPayment(rail=Rail.STRIPE, object_ref="tr_1"),
    InspectPayment(rail=Rail.STRIPE, object_ref="re_1"),
    InspectPayment(rail=Rail.STRIPE, object_ref="dp_1"),
]

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("stripe-mock")]


def await_listener(port):
    deadline = time.monotonic() + 20.0
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 1.0):
                return
        except OSError:
            assert time.monotonic() < deadline, "stripe-mock does not listen"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def mock_url():
    program = os.environ.get("STRIPE_MOCK") or shutil.which("stripe-mock")
    if program is None:
        pytest.skip("stripe-mock is not installed")
    port, other = free_port(), free_port()
    served = subprocess.Popen(
        [program, "-http-addr", f"127.0.0.1:{port}", "-https-addr", f"127.0.0.1:{other}"]
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await_listener(port)
        yield url
    finally:
        served.terminate()
        served.wait(10)


@pytest.fixture
async def heard(mock_url, monkeypatch):
    """The real client, and every answer of the mock that was not a success."""
    refused = []
    send = httpx.AsyncClient.send

    async def listened(self, request, **how):
        answer = await send(self, request, **how)
        if answer.status_code >= 400:
            await answer.aread()
            refused.append((request.method, request.url.path, answer.text))
        return answer

    monkeypatch.setattr(httpx.AsyncClient, "send", listened)
    async with connect("sk_test_123", mock_url) as client:
        yield client, refused


@pytest.mark.parametrize("command", ASKED, ids=lambda c: type(c).__name__)
async def test_what_we_ask_is_what_stripe_publishes(heard, command):
    client, refused = heard
    attempt = Attempt(key=UUID(int=1), since=NOW, now=NOW, number=1)
    told = await StripeRail(api=client).perform(command, attempt)
    assert refused == []
    if isinstance(command, CreatePaymentIntent):
        assert [type(t) for t in told] == [PaymentIntentCreated]


async def test_the_poller_asks_what_stripe_publishes(heard):
    client, refused = heard
    await StripeNews(api=client).since(NOW)
    assert refused == []
