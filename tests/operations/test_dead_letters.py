"""Dead letters are looked at, and let go by two people, each step written down."""

import asyncio
import os
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.operations.worlds import (
    BUG,
    Buried,
    Platform,
    create,
    printed,
    registry_url,
)
from toolkit.infra.postgres.wires import unpack
from toolkit.messages.topics import RECORD_BYTES_MAX
from toolkit.messages.wire import Wire, WireFormat

pytestmark = pytest.mark.embedded
GARBAGE = {
    "envelope": None,
    "cargo": Wire(value=b"sk_live_0123456789 and more"),
    "problem": "no schema",
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory, postgres_server):
    """One database for all these tests; each has a key of its own."""
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute("create database operations")
        dsn = make_conninfo(postgres_server, dbname="operations")
        with registry_url() as url:
            yield Platform(tmp_path_factory.mktemp("operations"), dsn, url)
        server.execute("drop database operations with (force)")


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    """A command puts its settings into the environment: give it one to spoil."""
    ours = {name: text for name, text in os.environ.items() if "ESCROW_" not in name}
    monkeypatch.setattr(os, "environ", ours)


@pytest.fixture
def buried(platform):
    return Buried(platform)


def test_a_list_says_why_each_lies_there_and_what_it_holds_up(buried, capsys):
    assert buried.list() == 1
    (letter,) = printed(capsys)
    assert letter["name"] == buried.name
    assert letter["error"] == BUG
    assert (letter["type"], letter["waiting"]) == ("CreateEscrow", 1)
    assert (letter["topic"], letter["partition"]) == ("escrow.commands.v1", 3)
    assert letter["offset"] == buried.numbers[0]


def test_a_list_may_be_narrowed(buried, capsys):
    for asked, found in [
        (["--error", "A BUG"], 1),
        (["--error", "another"], 0),
        (["--topic", "escrow.commands.v1", "--service", "escrow"], 1),
        (["--service", "payments"], 0),
        (["--since", "2099-01-01"], 0),
    ]:
        assert buried.list(*asked) == found
        assert len(printed(capsys)) == found


def test_one_is_shown_with_its_headers_and_its_content(buried, capsys):
    assert buried.show("--json") == 0
    letter = printed(capsys)
    assert letter["headers"]["ce_type"] == "CreateEscrow"
    assert letter["content"]["amount"] == {"minor": 10_000, "currency": "USD"}
    assert letter["requests"] == []


def test_bytes_that_nobody_can_read_are_shown_as_such(platform, capsys):
    Buried(platform, **GARBAGE).show()
    said = capsys.readouterr().out
    assert "header ce_type is missing" in said
    assert "0123456789" not in said


def test_two_people_replay_it_and_what_waited_follows(buried, capsys):
    assert buried.ask("ada", "replay") == 0
    assert buried.causes() == []
    assert buried.approve("bob") == 0
    assert "handled again; 1 that waited went on" in capsys.readouterr().out
    assert buried.causes() == [0]
    assert buried.list() == 0
    capsys.readouterr()
    buried.show("--json")
    (request,) = printed(capsys)["requests"]
    assert request["reason"] == "the bug is mended"
    assert (request["asked_by"], request["decided_by"]) == ("ada", "bob")
    assert request["decision"] == "APPROVED"
    assert request["asked_at"] <= request["decided_at"]


def test_nobody_approves_what_they_asked_for_themselves(buried, capsys):
    buried.ask("ada", "replay")
    assert buried.approve("ada") == 2
    assert "somebody else has to approve it" in capsys.readouterr().err
    assert buried.causes() == []
    with pytest.raises(psycopg.errors.CheckViolation):  # nor past this command
        buried.platform.rows(
            "update escrow.dead_letter_requests set decision = 'APPROVED',"
            f" decided_by = ' Ada', decided_at = now() where letter_id = {buried.id}"
            " returning 1"
        )


def test_approving_twice_does_it_once(buried, capsys):
    buried.ask("ada", "replay")
    buried.approve("bob")
    assert buried.approve("bob") == 0
    assert "was approved at" in capsys.readouterr().out
    assert buried.approve("eve") == 2
    assert buried.ask("ada", "replay") == 2
    assert "was settled" in capsys.readouterr().err
    assert buried.causes() == [0]


def test_a_discarded_one_is_passed_over_and_what_waited_goes_on(buried, capsys):
    buried.ask("ada", "discard", "a duplicate of the next")
    assert buried.approve("bob", "replay") == 2
    assert "what was asked for is a discard" in capsys.readouterr().err
    assert buried.approve("bob", "discard") == 0
    assert "discarded; 1 that waited went on" in capsys.readouterr().out
    assert buried.causes() == [1]


def test_only_one_thing_is_asked_for_at_a_time(buried, capsys):
    buried.ask("ada", "replay")
    assert buried.ask("eve", "discard", "hopeless") == 2
    assert "ada has asked for a replay already" in capsys.readouterr().err
    assert buried.ask("eve", "reject", "not yet") == 0
    assert buried.approve("bob") == 2
    assert buried.ask("eve", "discard", "hopeless") == 0


def test_a_request_that_nobody_decided_in_a_day_is_asked_again(buried, capsys):
    buried.ask("ada", "replay")
    buried.platform.rows(
        "update escrow.dead_letter_requests"
        " set proposed_at = proposed_at - interval '1 day'"
        f" where letter_id = {buried.id} returning 1"
    )
    assert buried.approve("bob") == 2
    assert "propose it again" in capsys.readouterr().err
    assert buried.ask("bob", "replay") == 0
    assert buried.approve("ada") == 0


def test_only_administrators_ask(buried, capsys):
    assert buried.ask("ada", "replay", role="buyer") == 2
    assert "ada is no administrator" in capsys.readouterr().err


def test_a_stranger_is_told_how_to_say_who_they_are(buried, capsys):
    asked = ["replay", buried.name, "--reason", "mended"]
    assert buried.platform.call(*asked) == 2
    assert "--token-file" in capsys.readouterr().err
    forged = buried.platform.folder / "forged.jwt"
    forged.write_text("eyJhbGciOiJub25lIn0.e30.")
    assert buried.platform.call(*asked, "--token-file", str(forged)) == 2


def test_a_number_that_is_no_dead_letter_is_said_to_be_none(platform, capsys):
    assert platform.call("show", "escrow/404404") == 2
    assert "there is no dead letter escrow/404404" in capsys.readouterr().err


def test_what_fails_again_is_a_new_dead_letter(platform, capsys):
    buried = Buried(platform, **GARBAGE)
    buried.ask("ada", "replay", "perhaps its schema is known by now")
    assert buried.approve("bob") == 1
    assert "failed again and is a new dead letter" in capsys.readouterr().err
    assert buried.approve("bob") == 1  # what is said again is no better
    capsys.readouterr()
    assert buried.list() == 1
    (letter,) = printed(capsys)
    assert letter["name"] != buried.name
    assert (letter["waiting"], letter["attempts"]) == (1, 2)
    rows = platform.rows(
        "select headers from escrow.outbox"
        f" where topic = 'escrow.commands.v1.dlq' and key = '{buried.key}' order by seq"
    )
    assert [dict(unpack(h))["dlq.attempts"] for (h,) in rows] == [b"1", b"2"]


def posted(buried):
    """Answer what the outbox has for the topic of dead letters under this key."""
    rows = buried.platform.rows(
        "select value, headers from escrow.outbox"
        f" where topic = 'escrow.commands.v1.dlq' and key = '{buried.key}'"
    )
    ((value, headers),) = rows
    return value, unpack(headers)


def test_a_dead_letter_goes_to_its_topic_with_where_it_came_from(buried):
    value, headers = posted(buried)
    original = buried.first.cargo
    assert value == original.value
    assert headers[: len(original.headers)] == original.headers
    said = dict(headers)
    assert said["dlq.original.topic"] == b"escrow.commands.v1"
    assert said["dlq.original.partition"] == b"3"
    assert said["dlq.original.offset"] == str(buried.numbers[0]).encode()
    assert said["dlq.original.consumer_group"] == b"escrow"
    assert said["dlq.error.message"] == BUG.encode()
    assert said["dlq.attempts"] == b"1"


def test_what_no_broker_would_take_is_kept_in_the_table_alone(platform):
    huge = Wire.of(value=b"x" * 900_000, headers=(("a", b"b"),))
    buried = Buried(platform, **{**GARBAGE, "cargo": huge})
    value, headers = posted(buried)
    assert value == b""
    assert dict(headers)["dlq.omitted"].startswith(b"900000 bytes")
    kept = f"select length(value) from escrow.dead_letters where id = {buried.id}"
    assert platform.rows(kept) == [(900_000,)]


def test_what_would_be_too_large_to_say_is_not_done_and_the_rest_goes_on(platform, capsys):
    number, other = next(platform.numbers), next(platform.numbers)
    large, small = f"large-{number}", f"small-{other}"
    ask = create(large, number)
    message = replace(ask.envelope.message, contract_id="x" * RECORD_BYTES_MAX)
    envelope = replace(ask.envelope, message=message)

    name = platform.bury(
        replace(ask, envelope=envelope, cargo=WireFormat().encode(envelope)),
        create(small, other),
    )

    made = "select aggregate_id from escrow.events where type = 'EscrowCreated'"
    ids = {id for (id,) in platform.rows(made)}
    assert (large in ids, small in ids) == (False, True)
    assert platform.call("show", name, "--json") == 0
    shown = printed(capsys)
    assert shown["key"] == large
    assert "EscrowCreated" in shown["error"]
    assert "more than a topic takes" in shown["error"]
    largest = "select max(length(value) + length(headers) + length(key)) from escrow.outbox"
    ((size_bytes,),) = platform.rows(largest)
    assert size_bytes <= RECORD_BYTES_MAX


def test_two_who_approve_at_once_do_it_once(buried):
    buried.ask("ada", "replay")

    async def both():
        tries = (asyncio.to_thread(buried.approve, name) for name in ("bob", "eve"))
        return await asyncio.gather(*tries)

    assert sorted(asyncio.run(both())) == [0, 2]
    assert buried.causes() == [0]
