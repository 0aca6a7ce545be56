"""A log says what happened to which message, and nothing of what the message carries."""

import ast
import io
import json
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.bench import add, delivered, envelope
from toolkit.core.telemetry import told_with
from toolkit.infra.telemetry import logs
from toolkit.infra.telemetry.metrics import Metrics
from toolkit.infra.telemetry.redaction import found_in, redacted

HOUSE = Path(__file__).parents[2]
# What a message is, or carries: an id or a type of it may be told, and nothing else.
CARGO = {
    *("message", "payload", "body", "envelope", "command", "event", "delivery", "cargo"),
    *("deliveries", "entry", "entries", "request", "headers", "token", "wire", "claims"),
    *("contract", "view", "content", "response", "params", "facts", "letter", "row"),
}
NAMES = {"id", "type", "topic", "partition", "number", "offset", "notification_id"}
SECRETS = {
    "e-mail address": "ada.lovelace@example.com",
    "card number": "4242 4242 4242 4242",
    "token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",
    "secret key": "sk_live_51HxYzAbCdEf",
    "client secret": "pi_3NxYz_secret_AbCdEf",
    "password": "postgresql://escrow:hunter2@db/escrow",
    "bank account": "DE89 3704 0044 0532 0130 00",
    "phone number": "+1 555 010 9999",
    "private key": "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
}


@pytest.fixture
def written():
    """A logger of the house, and what it wrote as lines of JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter("escrow"))
    log = logging.getLogger("toolkit.some.room")
    log.addHandler(handler)
    yield log, lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    log.removeHandler(handler)


@pytest.mark.parametrize("kind", SECRETS)
def test_what_may_not_be_logged_is_found_and_replaced_by_its_kind(kind):
    text = f"it said {SECRETS[kind]!s} and went on"
    assert kind in found_in(text)
    assert found_in(redacted(text)) == set()
    assert redacted(text).startswith("it said ")


@given(st.sampled_from(sorted(SECRETS)), st.text(max_size=20), st.text(max_size=20))
def test_nothing_is_left_whatever_stands_around_it(kind, before, after):
    assert SECRETS[kind] not in redacted(f"{before} {SECRETS[kind]} {after}")


@pytest.mark.parametrize(
    "text",
    [
        "escrow lost a partition: a partition of this batch has a newer owner",
        "message 0192f3a4-7b1c-4a52-9f3e-2d8c41b7a9e0 was not written",
        "try 3 failed: Unavailable('2 messages were not confirmed')",
        "escrow.events.v1/11 begins at 20000: what was before is gone",
        "2026-11-21T09:00:00.000000+00:00",
    ],
)
def test_what_we_do_say_passes_as_it_is(text):
    assert redacted(text) == text


def test_a_line_names_the_message_and_its_story(written):
    log, lines = written
    said = envelope(add(1).envelope.message, 7)
    log.warning("%s: a call waits", "payments", extra=told_with(said))
    (line,) = lines()
    assert line["event"] == "payments: a call waits"
    assert (line["service"], line["level"]) == ("escrow", "warning")
    assert line["message_id"] == str(said.id)
    assert line["correlation_id"] == str(said.correlation_id)
    assert line["message_type"] == "Add"
    assert line["at"].endswith("Z")


def test_what_an_exception_quotes_is_redacted(written):
    log, lines = written
    try:
        int(" and ".join(SECRETS.values()))
    except ValueError:
        log.exception("a call failed")
    (line,) = lines()
    assert "ValueError" in line["exception"]
    assert found_in(line["exception"]) == set()


def test_only_names_pass_of_what_a_caller_adds(written):
    log, lines = written
    log.warning("look", extra={"payload": "Ada Lovelace, 12 Dorset Street"})
    assert "Dorset" not in json.dumps(lines())


def test_warnings_are_counted_and_news_is_not():
    metrics, log = Metrics(), logging.getLogger("toolkit.counted")
    counting = logs.Counting(metrics)
    log.addHandler(counting)
    log.warning("once")
    log.info("not this")
    log.error("twice")
    log.removeHandler(counting)
    count = metrics.registry.get_sample_value
    assert count("escrow_log_lines_total", {"level": "warning"}) == 1
    assert count("escrow_log_lines_total", {"level": "error"}) == 1
    assert count("escrow_log_lines_total", {"level": "info"}) is None


def test_a_decider_that_fails_is_logged_by_the_names_of_its_message(bench, caplog):
    bench.handle(add(1, amount=13))
    (record,) = caplog.records
    assert record.message_id == str(envelope(add(1).envelope.message, 1).id)
    assert record.message_type == "Add"
    assert "counter_id" not in record.getMessage()


def calls_of_a_log(tree):
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"log", "logger", "logging"}
            and node.func.attr
            in {"debug", "info", "warning", "error", "exception", "critical", "log"}
        ):
            yield node


def told(node):
    """Find what a call of the log says of what it may not: cargo, whole or in part."""
    named = {
        id(part.value)
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and part.attr in NAMES
    }
    known = {
        id(argument)
        for part in ast.walk(node)
        if isinstance(part, ast.Call) and getattr(part.func, "id", "") == "told_with"
        for whole in part.args
        for argument in ast.walk(whole)
    }
    for part in ast.walk(node):
        name = part.id if isinstance(part, ast.Name) else getattr(part, "attr", "")
        if name in CARGO and id(part) not in named | known and part is not node.func:
            yield name


SOURCES = [
    path.relative_to(HOUSE)
    for path in sorted((HOUSE / "toolkit").rglob("*.py"))
    if "pb" not in path.parts and "log." in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_no_line_of_code_logs_what_a_message_carries(path):
    tree = ast.parse((HOUSE / path).read_text(encoding="utf-8"))
    leaks = [(call.lineno, *told(call)) for call in calls_of_a_log(tree)]
    assert [leak for leak in leaks if len(leak) > 1] == []


@pytest.mark.parametrize(
    "code",
    [
        "log.info('got %s', payload)",
        "log.warning('%r', delivery.envelope)",
        "log.error('no', extra={'body': request.body})",
        "log.exception('%s', entry.envelope.message.actor_id)",
    ],
)
def test_the_scan_of_the_code_finds_a_leak(code):
    (call,) = calls_of_a_log(ast.parse(code))
    assert list(told(call))


def test_the_scan_of_the_code_lets_names_pass():
    code = "log.info('%s', envelope.id, extra=told_with(entry.envelope))"
    (call,) = calls_of_a_log(ast.parse(code))
    assert list(told(call)) == []


def test_a_poison_message_leaves_its_cargo_out_of_the_log(bench, caplog):
    """What cannot be handled is in the dead letters; the log only says that it is there."""
    from tests.runtime.bench import Remind

    bench.handle(
        delivered(Remind(counter_id="ada@example.com", name="4242424242424242"), 1)
    )
    bench.handle(add(2, key="ada@example.com", amount=13))
    said = [logs.formatter("counting").format(record) for record in caplog.records]
    assert said
    assert all(found_in(line) == set() for line in said)
    assert all(found_in(record.getMessage()) == set() for record in caplog.records)


def test_the_scan_of_logs_finds_what_leaked_what_was_mended_and_plain_text(tmp_path):
    from tests.telemetry.scanned import leaks
    from toolkit.topology import SERVICES

    for service in SERVICES:
        (tmp_path / f"{service}.log").write_text('{"event": "runs", "trace_id": "1"}\n')
    (tmp_path / "escrow.log").write_text(
        '{"event": "to ada@example.com"}\n{"event": "to [e-mail address]"}\nsk_live_1\n'
    )
    assert [(who, why) for who, why, _ in leaks(tmp_path)] == [
        ("escrow", "e-mail address"),
        ("escrow", "[e-mail address]"),
        ("escrow", "secret key"),
    ]
