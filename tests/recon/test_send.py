"""Alerts reach whoever receives them: signed, again where it helps, and each once."""

import json
from datetime import UTC, datetime

import pytest

from recon.__main__ import main
from recon.faults import WrongUsageError
from recon.sending import receivers, signature
from recon.sending.post import ATTEMPTS, Shell
from tests.recon.day import Day
from tests.recon.outcome import run

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    day = Day()
    day.paid("E0")
    day.row("charge", "ch_lost", 70_00, "06:00", escrow="E9")
    return run(day, tmp_path_factory.mktemp("sent"))


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def deliver(result, tmp_path, pauses):
    def deliver(hook, kind="webhook", secret=WHSEC):
        to = receivers.Receiver(kind, hook.url, secret)
        shell = Shell(now=lambda: NOW, sleep=pauses.append)
        return receivers.send(result.folder, to, tmp_path / "sent.jsonl", shell)

    return deliver


def test_the_signature_is_the_one_of_the_specification():
    """The example that its libraries publish."""
    id, at_s = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    signed = signature.headers(signature.keys_of(WHSEC), id, b'{"test": 2432232314}', at_s)
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_replaced_both_sign():
    other = "whsec_" + "QUJD" * 8
    both = signature.headers(signature.keys_of(f"{WHSEC} {other}"), "msg_1", b"{}", 1)
    signed = both["webhook-signature"].split(" ")
    for secret in (WHSEC, other):
        alone = signature.headers(signature.keys_of(secret), "msg_1", b"{}", 1)
        assert alone["webhook-signature"] in signed
    assert len(signed) == 2


def test_every_body_of_the_export_arrives_to_the_byte_and_signed(result, hook, deliver):
    deliver(hook)
    lines = (result.folder / "alerts/webhook.jsonl").read_bytes().splitlines()
    assert [body for _, body in hook.received] == lines
    for headers, body in hook.received:
        expected = signature.headers(
            signature.keys_of(WHSEC), json.loads(body)["id"], body, int(NOW.timestamp())
        )
        assert {name: headers[name] for name in expected} == expected


def test_nothing_is_sent_twice(hook, deliver):
    first = deliver(hook)
    again = deliver(hook)
    assert (again.sent, again.known) == (0, first.sent)
    assert len(hook.received) == first.sent


def test_another_receiver_hears_of_everything_too(hook, deliver):
    first = deliver(hook)
    hook.url += "/second"
    assert deliver(hook).sent == first.sent


def test_a_busy_receiver_is_asked_again_and_as_late_as_it_wishes(hook, deliver, pauses):
    hook.answers += [(503, {}), (429, {"retry-after": "7"}), (500, {})]
    assert deliver(hook).fault is None
    assert pauses == [1, 7, 4]
    ids = [headers["webhook-id"] for headers, _ in hook.received[:4]]
    assert len(set(ids)) == 1, "the same news keeps its id"


def test_a_receiver_that_refuses_is_not_pressed_and_the_rest_goes_next_time(hook, deliver):
    hook.answers += [(204, {}), (410, {})]
    ended = deliver(hook)
    assert (ended.sent, len(hook.received)) == (1, 2)
    assert "answers 410" in ended.fault
    assert deliver(hook).fault is None
    assert len({headers["webhook-id"] for headers, _ in hook.received}) == 2


def test_a_receiver_that_stays_broken_is_told_of(hook, deliver, pauses):
    hook.answers += [(500, {})] * ATTEMPTS
    assert deliver(hook).fault == f"127.0.0.1 answers 500, {ATTEMPTS} times"
    assert pauses == [1, 2, 4, 8, 16]


def test_a_note_that_a_crash_cut_off_means_to_send_again(hook, deliver, tmp_path):
    deliver(hook)
    ledger = tmp_path / "sent.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:-20])
    assert deliver(hook).sent == 1
    assert deliver(hook).sent == 0


def test_the_pager_gets_its_key_and_no_note_of_it_is_kept(hook, deliver, tmp_path):
    key = "0123456789abcdef0123456789abcdef"
    deliver(hook, "pagerduty", key)
    for _, body in hook.received:
        assert json.loads(body)["routing_key"] == key
    assert key not in (tmp_path / "sent.jsonl").read_text()
    assert hook.url not in (tmp_path / "sent.jsonl").read_text()


@pytest.mark.parametrize("kind", ["slack", "alertmanager"])
def test_a_whole_day_is_one_post(result, hook, deliver, kind):
    deliver(hook, kind, None)
    [(headers, body)] = hook.received
    assert body == (result.folder / f"alerts/{kind}.json").read_bytes()
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "no base64!"])
def test_a_weak_or_broken_secret_is_refused_and_never_told(secret):
    with pytest.raises(WrongUsageError) as refused:
        signature.keys_of(secret)
    assert "24 to 64 bytes" in str(refused.value)
    assert not secret or secret not in str(refused.value).replace("whsec_ and", "")


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path):
    (tmp_path / "secret").write_text(WHSEC + "\n")
    plain = receivers.receiver("webhook=http://h/", {"RECON_WEBHOOK_SECRET": WHSEC})
    file = receivers.receiver(
        "webhook",
        {
            "RECON_WEBHOOK_URL": "http://h/",
            "RECON_WEBHOOK_SECRET_FILE": str(tmp_path / "secret"),
        },
    )
    assert plain == file
    assert WHSEC not in repr(plain)


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("fax", "there is webhook"),
        ("slack", "RECON_SLACK_URL"),
        ("webhook=http://h/", "RECON_WEBHOOK_SECRET"),
        ("slack=elsewhere", "https://host/path"),
    ],
)
def test_a_receiver_that_is_none_is_wrong_usage(result, to, says, capsys, tmp_path):
    sent = str(tmp_path / "sent.jsonl")
    given = ["send", "--run", str(result.folder), "--to", to, "--sent", sent]
    assert main(given) == 64
    assert says in capsys.readouterr().err


def test_the_command_says_what_it_sent(result, hook, capsys, tmp_path):
    given = ["send", "--run", str(result.folder), "--to", f"slack={hook.url}"]
    given += ["--sent", str(tmp_path / "sent.jsonl")]
    assert main(given) == 0
    assert "slack: 1 sent, 0 sent before" in capsys.readouterr().out
    assert main(given) == 0
    assert "slack: 0 sent, 1 sent before" in capsys.readouterr().out
