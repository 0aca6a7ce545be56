"""The two faces of the sandbox behind one set of methods, so that one suite tests both."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import stripe
import uvicorn

from sims.world.stripe import ProviderTimeout, StripeError
from sims.world.stripe.http import application

MORNING = datetime(2026, 11, 17, 9, tzinfo=UTC)
SECRET = "whsec_of_the_platform"  # noqa: S105 - it guards nothing
CARD = {"payment_method": "pm_card_visa"}


@dataclass
class HandClock:
    """Time stands still until somebody moves it."""

    at: datetime = MORNING

    def now(self):
        return self.at

    def advance(self, **amount):
        self.at += timedelta(**amount)


class HttpStripe:
    """The official SDK, unmodified, with the exceptions of the in-process face."""

    def __init__(self, url):
        self.url = url
        self.transport = stripe.RequestsClient()
        self.client = stripe.StripeClient(
            "sk_test_suite",
            base_addresses={"api": url},
            max_network_retries=0,
            http_client=self.transport,
        )
        self.v1 = self.client.v1

    def close(self):
        self.transport.close()

    def _ask(self, method, *ids, params=None, key=None):
        options = {} if key is None else {"idempotency_key": key}
        try:
            return json.loads(str(method(*ids, dict(params or {}), options)))
        except stripe.APIConnectionError as error:
            raise ProviderTimeout(str(error)) from error
        except stripe.StripeError as error:
            raise StripeError.from_body(error.http_status, error.json_body) from error

    def post(self, path, params=None):
        assert path.startswith("/_sandbox/"), "the platform's calls go through the SDK"
        return self._control(httpx.post(self.url + path, json=dict(params or {})))

    def get(self, path, params=None):
        return self._control(httpx.get(self.url + path, params=params))

    def _control(self, answer):
        if answer.is_error:
            raise StripeError.from_body(answer.status_code, answer.json())
        return answer.json()

    def create_payment_intent(self, params, key=None):
        return self._ask(self.v1.payment_intents.create, params=params, key=key)

    def retrieve_payment_intent(self, id, params=None):
        return self._ask(self.v1.payment_intents.retrieve, id, params=params)

    def confirm_payment_intent(self, id, params=None, key=None):
        return self._ask(self.v1.payment_intents.confirm, id, params=params, key=key)

    def cancel_payment_intent(self, id, params=None, key=None):
        return self._ask(self.v1.payment_intents.cancel, id, params=params, key=key)

    def list_payment_intents(self, params=None):
        return self._ask(self.v1.payment_intents.list, params=params)

    def retrieve_charge(self, id, params=None):
        return self._ask(self.v1.charges.retrieve, id, params=params)

    def list_charges(self, params=None):
        return self._ask(self.v1.charges.list, params=params)

    def create_transfer(self, params, key=None):
        return self._ask(self.v1.transfers.create, params=params, key=key)

    def list_transfers(self, params=None):
        return self._ask(self.v1.transfers.list, params=params)

    def reverse_transfer(self, id, params=None, key=None):
        return self._ask(self.v1.transfers.reversals.create, id, params=params, key=key)

    def create_refund(self, params, key=None):
        return self._ask(self.v1.refunds.create, params=params, key=key)

    def retrieve_refund(self, id, params=None):
        return self._ask(self.v1.refunds.retrieve, id, params=params)

    def retrieve_dispute(self, id, params=None):
        return self._ask(self.v1.disputes.retrieve, id, params=params)

    def create_payout(self, params, key=None):
        return self._ask(self.v1.payouts.create, params=params, key=key)

    def create_topup(self, params, key=None):
        return self._ask(self.v1.topups.create, params=params, key=key)

    def retrieve_balance(self):
        return self._ask(self.v1.balance.retrieve)

    def list_balance_transactions(self, params=None):
        return self._ask(self.v1.balance_transactions.list, params=params)

    def list_events(self, params=None):
        return self._ask(self.v1.events.list, params=params)

    def open_dispute(self, charge, reason="fraudulent"):
        return self.post("/_sandbox/disputes", {"charge": charge, "reason": reason})

    def close_dispute(self, id, *, is_won):
        outcome = "won" if is_won else "lost"
        return self.post(f"/_sandbox/disputes/{id}/close", {"outcome": outcome})

    def fail_refund(self, id):
        return self.post(f"/_sandbox/refunds/{id}/fail")


@contextmanager
def served(face, application=application):
    """The HTTP face on a free port of loopback, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application(face), log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def pay(face, amount=12_300, *, method="pm_card_visa", escrow="E1", **params):
    """A buyer pays at once; answers the intent."""
    asked = {
        "amount": amount,
        "currency": "usd",
        "transfer_group": f"escrow_{escrow}",
        "metadata": {"escrow_id": escrow},
        "confirm": True,
        "payment_method": method,
        **params,
    }
    return face.create_payment_intent(asked)


def send(face, charge, amount, *, destination="acct_1Seller", key=None, **params):
    asked = {
        "amount": amount,
        "currency": "usd",
        "destination": destination,
        "source_transaction": charge,
        "metadata": {"escrow_id": "E1"},
        **params,
    }
    return face.create_transfer(asked, key=key)
