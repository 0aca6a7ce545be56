"""One request a route that goes well: what the tests of access and the API's page run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from stripe import WebhookSignature

from tests.gateway import custodian_signer as custodian
from tests.gateway import letter_signer as letters
from tests.gateway.worlds import NOW, SECRETS, bearer, hash_of_event

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "charge.succeeded",
    "data": {"object": {"id": "ch_1", "object": "charge"}},
}

NOTIFICATION = custodian.notification(NOW)


def stripe_signature():
    signed = WebhookSignature.generate_signature_header(
        json.dumps(EVENT), SECRETS[0], int(NOW.timestamp())
    )
    return {"Stripe-Signature": signed}


@dataclass(frozen=True)
class Example:
    """A request about Ada's and Bob's escrow E1 of the contract C1, and what comes of it.

    `owned` says that it is about one escrow: then a stranger to it must be answered 404.
    So must everybody but `person`, and an admin, where it is about one person.
    """

    status: int
    path: str
    subject: str = ""
    role: str = ""
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    owned: bool = True
    person: str | None = None

    @property
    def who(self):
        return bearer(self.subject, self.role) if self.role else {}

    def about(self, number):
        """The path and the body of the same request about another escrow."""
        body = json.dumps(self.body) if self.body is not None else None
        swapped = [
            text and text.replace("E1", f"E{number}").replace("C1", f"C{number}")
            for text in (self.path, body)
        ]
        return swapped[0], json.loads(swapped[1]) if swapped[1] else None


EXAMPLES = {
    ("GET", "/api/contracts/{contract_id}/escrow"): Example(
        200, "/api/contracts/C1/escrow", "ada", "buyer"
    ),
    ("POST", "/api/contracts/{contract_id}/executed"): Example(
        202,
        "/api/contracts/C1/executed",
        "market",
        "contracts",
        {
            "buyer_id": "ada",
            "seller_id": "bob",
            "amount": {"minor": 100_00, "currency": "USD"},
            "executed_at": "2026-11-19T08:00:00Z",
            "payee_account": "acct_bob",
        },
        owned=False,
    ),
    ("GET", "/api/projections/escrow/{escrow_id}"): Example(
        200, "/api/projections/escrow/E1", "bob", "seller"
    ),
    ("GET", "/api/projections/escrows"): Example(
        200,
        "/api/projections/escrows?state=DELIVERED&created_from=2026-11-19T00:00:00Z&limit=5",
        "ada",
        "buyer",
        owned=False,
    ),
    ("POST", "/api/escrow/{escrow_id}/mark-delivered"): Example(
        202,
        "/api/escrow/E1/mark-delivered",
        "bob",
        "seller",
        {"evidence": "on the doorstep"},
    ),
    ("POST", "/api/escrow/{escrow_id}/release"): Example(
        202, "/api/escrow/E1/release", "ada", "buyer"
    ),
    ("POST", "/api/escrow/{escrow_id}/dispute"): Example(
        202, "/api/escrow/E1/dispute", "ada", "buyer", {"reason": "wrong colour"}
    ),
    ("POST", "/api/escrow/{escrow_id}/cancel"): Example(
        202, "/api/escrow/E1/cancel", "ada", "buyer"
    ),
    ("POST", "/api/disputes/{dispute_id}/resolve"): Example(
        202,
        "/api/disputes/D1/resolve",
        "root",
        "admin",
        {"escrow_id": "E1", "resolution": "REFUND"},
    ),
    ("GET", "/api/escrow/transactions/{transaction_id}/audit"): Example(
        200, "/api/escrow/transactions/E1/audit?limit=2", "root", "admin", owned=False
    ),
    ("GET", "/api/escrow/events/{hash}"): Example(
        200, f"/api/escrow/events/{hash_of_event(1)}", "root", "admin", owned=False
    ),
    ("POST", "/api/escrow/events/{hash}/verify"): Example(
        200, f"/api/escrow/events/{hash_of_event(1)}/verify", "root", "admin", owned=False
    ),
    ("POST", "/api/approvals"): Example(
        201,
        "/api/approvals",
        "root",
        "admin",
        {
            "action": {
                "do": "RESOLVE",
                "escrow_id": "E1",
                "dispute_id": "D1",
                "resolution": "RELEASE",
            },
            "reason": "the carrier confirms the delivery",
        },
    ),
    ("GET", "/api/approvals"): Example(
        200, "/api/approvals?limit=5", "root", "admin", owned=False
    ),
    ("GET", "/api/approvals/{approval_id}"): Example(
        200, "/api/approvals/A1", "root", "admin", owned=False
    ),
    ("POST", "/api/approvals/{approval_id}/approve"): Example(
        202, "/api/approvals/A1/approve", "root", "admin", owned=False
    ),
    ("GET", "/api/people/{person_id}/preferences"): Example(
        200, "/api/people/ada/preferences", "ada", "buyer", owned=False, person="ada"
    ),
    ("GET", "/api/people/{person_id}/details"): Example(
        200, "/api/people/ada/details", "ada", "buyer", owned=False, person="ada"
    ),
    ("PUT", "/api/people/{person_id}/details"): Example(
        200,
        "/api/people/ada/details",
        "ada",
        "buyer",
        {"phone": "+14155550100", "routing_number": "021000021"},
        owned=False,
        person="ada",
    ),
    ("DELETE", "/api/people/{person_id}/details"): Example(
        200, "/api/people/ada/details", "root", "admin", owned=False, person="ada"
    ),
    ("PUT", "/api/people/{person_id}/preferences/{channel}"): Example(
        200,
        "/api/people/ada/preferences/DISCORD",
        "ada",
        "buyer",
        {"address": "80351110224678912", "is_enabled": True, "muted": []},
        owned=False,
        person="ada",
    ),
    ("POST", "/api/people/{person_id}/preferences/WEBHOOK/secret"): Example(
        200,
        "/api/people/hal/preferences/WEBHOOK/secret",
        "hal",
        "buyer",
        owned=False,
        person="hal",
    ),
    ("POST", "/api/webhooks/sendgrid"): Example(
        200,
        "/api/webhooks/sendgrid",
        body=[letters.BOUNCE],
        headers=letters.mail_signed([letters.BOUNCE], NOW),
        owned=False,
    ),
    ("POST", "/api/webhooks/twilio"): Example(
        200,
        letters.TWILIO_PATH,
        body=urlencode(letters.FORM).encode(),
        headers=letters.form_signed(letters.FORM),
        owned=False,
    ),
    ("POST", "/api/webhooks/stripe"): Example(
        200, "/api/webhooks/stripe", body=EVENT, headers=stripe_signature(), owned=False
    ),
    ("POST", "/api/webhooks/custodian"): Example(
        200,
        "/api/webhooks/custodian",
        body=NOTIFICATION,
        headers=custodian.signed(NOTIFICATION),
        owned=False,
    ),
    ("HEAD", "/api/webhooks/custodian"): Example(
        200, "/api/webhooks/custodian", owned=False
    ),
    ("GET", "/health/live"): Example(200, "/health/live", owned=False),
    ("GET", "/health/ready"): Example(200, "/health/ready", owned=False),
}
