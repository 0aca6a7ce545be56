"""What is shown of a message holds no secret, and all the rest of it."""

import json

import pytest

from toolkit.operations.redaction import HIDDEN, line, shown

INTENT = {"id": "pi_1", "client_secret": "pi_1_secret_x", "amount": 100}


def test_what_is_named_a_secret_is_hidden():
    assert shown({"amount": 5, "api_key": "k", "nested": [{"Password": "p"}]}) == {
        "amount": 5,
        "api_key": HIDDEN,
        "nested": [{"Password": HIDDEN}],
    }


def test_json_within_a_text_is_opened():
    found = shown({"payload": json.dumps(INTENT)})
    assert found == {"payload": {"id": "pi_1", "client_secret": HIDDEN, "amount": 100}}


@pytest.mark.parametrize(
    "secret",
    [
        "sk_live_51Habcdef",
        "whsec_0123456789",
        "pi_3N0_secret_8Jx",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2ln",
        "Bearer abc.def",
        "4242 4242 4242 4242",
        "4242424242424242",
    ],
)
def test_secrets_within_a_line_are_hidden(secret):
    assert line(f"it failed: {secret} was refused") == f"it failed: {HIDDEN} was refused"


@pytest.mark.parametrize(
    "plain", ["offset 1234567890123", "1234567890123456", "escrow 0b6c", "10.5", "task_1"]
)
def test_what_is_no_secret_stays(plain):
    assert line(plain) == plain
