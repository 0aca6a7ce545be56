"""People say for themselves where they are told, and an admin for everybody."""

from base64 import b64decode

import pytest

from tests.gateway.worlds import ADA, ADMIN, EVE, bearer
from toolkit.messages.notifications import PreferenceChanged
from toolkit.notifications.audience import TOLD

ADDRESS = "80351110224678912"
OWN, OPERATIONS = "/api/people/ada/preferences", "/api/people/~operations/preferences"


async def test_what_is_set_is_shown_at_once(house):
    wish = {"address": ADDRESS, "muted": ["EscrowReleased"]}
    set_ = await house.ask("PUT", f"{OWN}/DISCORD", ADA, body=wish)
    shown = await house.ask("GET", OWN, ADA)

    assert set_.json() == shown.json()
    assert shown.json()["preferences"] == [
        {
            "channel": "DISCORD",
            "address": ADDRESS,
            "is_enabled": True,
            "muted": ["EscrowReleased"],
            "problem": None,
            "is_fallback": False,
        }
    ]


async def test_the_same_wish_again_changes_nothing(house):
    for _ in range(2):
        await house.ask("PUT", f"{OWN}/DISCORD", ADA, body={"address": ADDRESS})
    assert len(house.people.events) == 1


async def test_an_address_that_is_taken_away_is_gone_from_everything_that_is_kept(house):
    await house.ask("PUT", f"{OWN}/DISCORD", ADA, body={"address": ADDRESS})
    await house.ask("PUT", f"{OWN}/DISCORD", ADA, body={})

    kept = (house.people.states, house.people.events, house.people.outbox)
    assert ADDRESS not in repr(kept)


async def test_who_changed_it_is_told_and_the_address_is_not(house):
    await house.ask("PUT", f"{OWN}/DISCORD", ADMIN, body={"address": ADDRESS})

    (said,) = house.people.events
    assert isinstance(said.message, PreferenceChanged)
    assert (said.key, said.message.actor_id) == ("ada", "root")


async def test_only_an_admin_says_where_those_on_call_are_told(house):
    body = {"address": ADDRESS}
    eves = await house.ask("PUT", f"{OPERATIONS}/DISCORD", EVE, body=body)
    admins = await house.ask("PUT", f"{OPERATIONS}/DISCORD", ADMIN, body=body)
    assert (eves.status_code, admins.status_code) == (404, 200)


async def test_nobody_can_be_called_those_on_call(house):
    impostor = bearer("~operations", "buyer")
    answer = await house.ask("GET", OPERATIONS, impostor)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("channel", "body", "field"),
    [
        ("DISCORD", {"address": "not a number"}, "address"),
        ("DISCORD", {"address": "123"}, "address"),
        ("EMAIL", {"address": "ada.example.org"}, "address"),
        ("EMAIL", {"address": "ada@example.org, eve@example.org"}, "address"),
        ("EMAIL", {"address": "ada@example"}, "address"),
        ("SMS", {"address": "5552340100"}, "address"),
        ("SMS", {"address": "+0552340100"}, "address"),
        ("WEBHOOK", {"address": "http://example.org/hooks"}, "address"),
        ("WEBHOOK", {"address": "https://ada:pw@example.org/hooks"}, "address"),
        ("WEBHOOK", {"address": "https://127.0.0.1/hooks"}, "address"),
        ("WEBHOOK", {"address": "https://[::1]/hooks"}, "address"),
        ("WEBHOOK", {"address": "https://2130706433/hooks"}, "address"),
        ("WEBHOOK", {"address": "https://0x7f.1/hooks"}, "address"),
        ("WEBHOOK", {"address": "https://10.0.0.7/hooks"}, "address"),
        ("WEBHOOK", {"address": "https://169.254.169.254/latest"}, "address"),
        ("WEBHOOK", {"address": "https://localhost/hooks"}, "address"),
        ("WEBHOOK", {"address": "https://db.internal/hooks"}, "address"),
        ("DISCORD", {"address": ADDRESS, "colour": "red"}, "body.colour"),
    ],
)
async def test_what_does_not_fit_is_named(house, channel, body, field):
    answer = await house.ask("PUT", f"{OWN}/{channel}", ADA, body=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert "ada" not in house.people.states


async def test_only_what_is_told_can_be_muted_and_the_refusal_names_it(house):
    wish = {"address": ADDRESS, "muted": ["EscrowReleased", "escrow-released"]}
    answer = await house.ask("PUT", f"{OWN}/DISCORD", ADA, body=wish)

    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == "muted"
    assert "told of escrow-released: choose of ChargebackClosed, " in error["problem"]
    assert all(event.__name__ in error["problem"] for event in TOLD)
    assert "ada" not in house.people.states


async def test_a_channel_that_does_not_exist_is_not_found(house):
    answer = await house.ask("PUT", f"{OWN}/PIGEON", ADA, body={"address": ADDRESS})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("EMAIL", "ada.lovelace+escrow@mail.example.org"),
        ("SMS", "+15552340100"),
        ("WEBHOOK", "https://hooks.example.org:8443/escrow?of=ada"),
    ],
)
async def test_every_channel_can_be_chosen(house, channel, address):
    body = {"address": address, "is_fallback": True}
    answer = await house.ask("PUT", f"{OWN}/{channel}", ADA, body=body)
    assert answer.status_code == 200
    (shown,) = answer.json()["preferences"]
    assert (shown["address"], shown["is_fallback"]) == (address, True)


async def test_an_endpoints_secret_is_shown_once_and_a_new_one_when_it_is_replaced(house):
    body = {"address": "https://example.org/hooks"}
    first = (await house.ask("PUT", f"{OWN}/WEBHOOK", ADA, body=body)).json()["secret"]
    again = await house.ask("PUT", f"{OWN}/WEBHOOK", ADA, body=body)
    shown = await house.ask("GET", OWN, ADA)
    replaced = await house.ask("POST", f"{OWN}/WEBHOOK/secret", ADA)
    moved = {"address": "https://example.org/other"}
    third = (await house.ask("PUT", f"{OWN}/WEBHOOK", ADA, body=moved)).json()["secret"]

    assert again.json()["secret"] is None
    assert "whsec_" not in shown.text
    secrets = {first, replaced.json()["secret"], third}
    assert len(secrets) == 3
    assert all(len(b64decode(s.removeprefix("whsec_"))) == 32 for s in secrets)
    assert not any(secret in repr(house.people) for secret in secrets)


async def test_who_has_no_endpoint_has_no_secret_to_replace(house):
    answer = await house.ask("POST", f"{OWN}/WEBHOOK/secret", ADA)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-endpoint")
