"""What a reconciliation found is told to the house once, or not at all."""

import json
from types import SimpleNamespace
from uuid import UUID

import pytest

from toolkit.messages.reconciliation import ReconciliationCompleted, Verdict
from toolkit.operations.announce import read, run

LINE = {
    "id": "00000000-0000-5000-8000-000000000001",
    "type": "ReconciliationCompleted",
    "occurred_at": "2026-11-20T12:00:00Z",
    "message": {
        "business_date": "2026-11-19",
        "run_id": "run_1",
        "verdict": "EXCEPTIONS",
        "totals": [
            {
                "code": "FEE_VARIANCE",
                "count": 1,
                "difference_minor": -1,
                "currency": "USD",
            }
        ],
    },
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps(LINE) + "\n")
    return path


def test_a_line_is_a_message_of_the_house(file):
    [(id, message)] = read(file)
    assert id == UUID(LINE["id"])
    assert isinstance(message, ReconciliationCompleted)
    assert message.verdict is Verdict.EXCEPTIONS
    assert message.totals[0].difference_minor == -1


@pytest.mark.parametrize(
    "bad",
    [
        "no json",
        "[]",
        json.dumps({**LINE, "type": "PaymentSucceeded"}),
        json.dumps({**LINE, "id": "seven"}),
        json.dumps({**LINE, "message": {}}),
    ],
)
def test_a_file_with_a_wrong_line_announces_nothing_and_names_it(bad, file, capsys):
    file.write_text(json.dumps(LINE) + "\n" + bad + "\n")
    assert run(SimpleNamespace(file=file), None) == 64
    assert "line 2" in capsys.readouterr().err
