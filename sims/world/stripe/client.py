"""Stripe for those who share its process: plain methods over the one entrance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sims.world.stripe.errors import StripeError
from sims.world.stripe.model import StripeModel

AUTHORIZATION = {"authorization": "Bearer sk_test_in_process"}
Answer = dict[str, Any]
Asked = Mapping[str, Any]
NOTHING: Asked = {}


class InProcessStripe:
    """Each method is one call. A refusal raises StripeError, silence ProviderTimeout."""

    def __init__(self, model: StripeModel) -> None:
        self.model = model

    def post(self, path: str, params: Asked = NOTHING, key: str | None = None) -> Answer:
        headers = AUTHORIZATION if key is None else AUTHORIZATION | {"idempotency-key": key}
        return self._call("POST", path, params, headers)

    def get(self, path: str, params: Asked = NOTHING) -> Answer:
        return self._call("GET", path, params, AUTHORIZATION)

    def _call(
        self, method: str, path: str, params: Asked, headers: Mapping[str, str]
    ) -> Answer:
        response = self.model.handle(method, path, params, headers)
        if response.status >= 400:
            raise StripeError.from_body(response.status, response.body)
        return response.body

    def create_payment_intent(self, params: Asked, key: str | None = None) -> Answer:
        return self.post("/v1/payment_intents", params, key)

    def retrieve_payment_intent(self, id: str, params: Asked = NOTHING) -> Answer:
        return self.get(f"/v1/payment_intents/{id}", params)

    def confirm_payment_intent(
        self, id: str, params: Asked = NOTHING, key: str | None = None
    ) -> Answer:
        return self.post(f"/v1/payment_intents/{id}/confirm", params, key)

    def cancel_payment_intent(
        self, id: str, params: Asked = NOTHING, key: str | None = None
    ) -> Answer:
        return self.post(f"/v1/payment_intents/{id}/cancel", params, key)

    def list_payment_intents(self, params: Asked = NOTHING) -> Answer:
        return self.get("/v1/payment_intents", params)

    def retrieve_charge(self, id: str, params: Asked = NOTHING) -> Answer:
        return self.get(f"/v1/charges/{id}", params)

    def list_charges(self, params: Asked = NOTHING) -> Answer:
        return self.get("/v1/charges", params)

    def create_transfer(self, params: Asked, key: str | None = None) -> Answer:
        return self.post("/v1/transfers", params, key)

    def retrieve_transfer(self, id: str, params: Asked = NOTHING) -> Answer:
        return self.get(f"/v1/transfers/{id}", params)

    def list_transfers(self, params: Asked = NOTHING) -> Answer:
        return self.get("/v1/transfers", params)

    def reverse_transfer(
        self, id: str, params: Asked = NOTHING, key: str | None = None
    ) -> Answer:
        return self.post(f"/v1/transfers/{id}/reversals", params, key)

    def create_refund(self, params: Asked, key: str | None = None) -> Answer:
        return self.post("/v1/refunds", params, key)

    def retrieve_refund(self, id: str, params: Asked = NOTHING) -> Answer:
        return self.get(f"/v1/refunds/{id}", params)

    def list_refunds(self, params: Asked = NOTHING) -> Answer:
        return self.get("/v1/refunds", params)

    def retrieve_dispute(self, id: str, params: Asked = NOTHING) -> Answer:
        return self.get(f"/v1/disputes/{id}", params)

    def list_disputes(self, params: Asked = NOTHING) -> Answer:
        return self.get("/v1/disputes", params)

    def create_payout(self, params: Asked, key: str | None = None) -> Answer:
        return self.post("/v1/payouts", params, key)

    def create_topup(self, params: Asked, key: str | None = None) -> Answer:
        return self.post("/v1/topups", params, key)

    def retrieve_balance(self) -> Answer:
        return self.get("/v1/balance")

    def list_balance_transactions(self, params: Asked = NOTHING) -> Answer:
        return self.get("/v1/balance_transactions", params)

    def retrieve_event(self, id: str) -> Answer:
        return self.get(f"/v1/events/{id}")

    def list_events(self, params: Asked = NOTHING) -> Answer:
        return self.get("/v1/events", params)

    def open_dispute(self, charge: str, reason: str = "fraudulent") -> Answer:
        return self.post("/_sandbox/disputes", {"charge": charge, "reason": reason})

    def close_dispute(self, id: str, *, is_won: bool) -> Answer:
        outcome = "won" if is_won else "lost"
        return self.post(f"/_sandbox/disputes/{id}/close", {"outcome": outcome})

    def fail_refund(self, id: str) -> Answer:
        return self.post(f"/_sandbox/refunds/{id}/fail")

    def fail_payout(self, id: str) -> Answer:
        return self.post(f"/_sandbox/payouts/{id}/fail")
