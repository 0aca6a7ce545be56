"""What is known of people is theirs: sealed, seen by few, and forgotten for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.gateway.worlds import ADA, ADMIN, EVE, NOW, HandClock, House
from toolkit.core.details import MemoryDetails
from toolkit.core.sealing import KeyGone, Unreadable
from toolkit.infra.postgres import migrate, open_pool
from toolkit.infra.sealing import Keyring, new_key
from toolkit.infra.vault import Vault

GATEWAY = Path(__file__).parents[2] / "toolkit" / "gateway"
ADAS = "/api/people/ada/details"


@pytest.fixture
async def pool(postgres_dsn):
    migrate(postgres_dsn, {"gateway": GATEWAY})
    async with open_pool(postgres_dsn, "gateway") as pool:
        yield pool


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.embedded)])
def kept(request):
    if request.param == "memory":
        return MemoryDetails(HandClock())
    pool = request.getfixturevalue("pool")
    return Vault(pool, Keyring({"one": new_key()}), HandClock())


def values(found):
    return {field: detail.value for field, detail in found.items()}


async def test_what_was_set_is_read_and_what_is_left_out_stays(kept):
    await kept.set("ada", {"name": "Ada", "phone": "+14155550100"}, actor_id="ada")
    await kept.set("ada", {"phone": None, "email": "ada@example.com"}, actor_id="ada")
    assert values(await kept.of("ada")) == {"email": "ada@example.com", "name": "Ada"}


async def test_a_value_that_is_set_again_is_no_younger(kept):
    await kept.set("ada", {"name": "Ada"}, actor_id="ada")
    before = (await kept.of("ada"))["name"].changed_at
    kept.clock.at += timedelta(days=1)
    await kept.set("ada", {"name": "Ada"}, actor_id="ada")
    assert (await kept.of("ada"))["name"].changed_at == before
    await kept.set("ada", {"name": "Ada L."}, actor_id="ada")
    assert (await kept.of("ada"))["name"].changed_at == before + timedelta(days=1)


async def test_who_is_erased_is_unknown_and_may_come_again(kept):
    await kept.set("ada", {"name": "Ada"}, actor_id="ada")
    await kept.erase("ada", actor_id="root")
    await kept.erase("ada", actor_id="root")
    assert await kept.of("ada") == {}
    await kept.set("ada", {"name": "Ada again"}, actor_id="ada")
    assert values(await kept.of("ada")) == {"name": "Ada again"}


async def test_nobody_is_known_before_they_say_something(kept):
    assert await kept.of("nobody") == {}


def rows(dsn, query):
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()


async def test_the_database_holds_no_word_of_it(pool, postgres_dsn):
    vault = Vault(pool, Keyring({"one": new_key()}), HandClock())
    await vault.set("ada", {"name": "Ada Lovelace"}, actor_id="ada")
    for table in ("details", "detail_keys", "details_log"):
        assert "Lovelace" not in repr(rows(postgres_dsn, f"select * from gateway.{table}"))


async def test_a_value_that_is_moved_to_somebody_else_does_not_open(pool, postgres_dsn):
    vault = Vault(pool, Keyring({"one": new_key()}), HandClock())
    for person in ("ada", "eve"):
        await vault.set(person, {"account_number": f"of {person}"}, actor_id=person)
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute(
            "update gateway.details set sealed = (select sealed from gateway.details"
            " where person_id = 'eve') where person_id = 'ada'"
        )
    with pytest.raises(Unreadable, match="ada"):
        await vault.of("ada")


async def test_what_a_backup_still_holds_of_the_erased_opens_no_more(pool, postgres_dsn):
    vault = Vault(pool, Keyring({"one": new_key()}), HandClock())
    await vault.set("ada", {"name": "Ada"}, actor_id="ada")
    (backup,) = rows(postgres_dsn, "select sealed from gateway.details")
    await vault.erase("ada", actor_id="root")
    await vault.set("ada", {"name": "Ada"}, actor_id="ada")
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("update gateway.details set sealed = %s", backup)
    with pytest.raises(Unreadable):
        await vault.of("ada")


async def test_a_new_master_key_takes_over_and_the_old_one_can_go(pool):
    old, new = new_key(), new_key()
    first = Vault(pool, Keyring({"old": old}), HandClock())
    for person in ("ada", "bob"):
        await first.set(person, {"name": person}, actor_id=person)
    both = Vault(pool, Keyring({"old": old, "new": new}), HandClock())
    assert [await both.rewrap(), await both.rewrap()] == [2, 0]
    late = Vault(pool, Keyring({"new": new}), HandClock())
    assert values(await late.of("bob")) == {"name": "bob"}
    with pytest.raises(KeyGone, match="new"):
        await first.of("ada")


async def test_who_touched_whose_and_when_is_written_down(pool, postgres_dsn):
    vault = Vault(pool, Keyring({"one": new_key()}), HandClock())
    await vault.set("ada", {"name": "Ada", "phone": "+1"}, actor_id="ada")
    await vault.of("ada", revealed_to="root")
    await vault.erase("ada", actor_id="root")
    assert rows(
        postgres_dsn,
        "select step, fields, actor_id, at from gateway.details_log order by entry",
    ) == [
        ("SET", ["name", "phone"], "ada", NOW),
        ("REVEALED", ["name", "phone"], "root", NOW),
        ("ERASED", [], "root", NOW),
    ]


async def test_an_accounts_number_shows_its_end_only(house):
    answer = await house.ask("GET", ADAS, ADA)
    assert answer.json()["details"]["account_number"]["value"] == "••••••3210"
    assert answer.headers["cache-control"] == "no-store"


async def test_an_admin_may_see_the_whole_number_and_it_is_written_down(house):
    answer = await house.ask("GET", f"{ADAS}?revealed=true", ADMIN)
    assert answer.json()["details"]["account_number"]["value"] == "9876543210"
    assert house.details.log == [("ada", "REVEALED", ("account_number", "name"), "root")]


async def test_nobody_else_sees_the_whole_number_not_even_its_owner(house):
    assert (await house.ask("GET", f"{ADAS}?revealed=true", ADA)).status_code == 403


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_a_stranger_finds_nobody(house, method):
    body = {"name": "Eve"} if method == "PUT" else None
    answer = await house.ask(method, ADAS, EVE, body=body)
    assert answer.status_code == 404


async def test_only_an_admin_erases(house):
    assert (await house.ask("DELETE", ADAS, ADA)).status_code == 403
    assert (await house.ask("DELETE", ADAS, ADMIN)).status_code == 200
    assert (await house.ask("GET", ADAS, ADA)).json()["details"] == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("routing_number", "021000022"),  # a digit is wrong
        ("routing_number", "12345678"),
        ("phone", "0415555"),
        ("email", "ada"),
        ("account_number", "12-34"),
        ("name", "  "),
        ("name", "Ada\u0007"),
        ("passport", "X1"),
        ("name", 7),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(house, field, value):
    answer = await house.ask("PUT", ADAS, ADA, body={field: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == f"body.{field}"
    assert str(value) not in answer.text or field == "passport"


async def test_without_keys_nothing_is_kept_and_it_is_said():
    house = House()
    house.app.state.ports = replace(house.app.state.ports, details=None)
    answer = await house.ask("PUT", ADAS, ADA, body={"name": "Ada"})
    assert answer.status_code == 503
    assert "no keys" in answer.json()["detail"]
