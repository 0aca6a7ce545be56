"""What is counted, and that counting never tells more than it should."""

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import Phase, find, settings

from tests.messages.examples import records
from tests.runtime.bench import ROUTES, add, garbage
from toolkit.core.errors import Fenced
from toolkit.core.message import derived, first
from toolkit.core.money import Currency, Money
from toolkit.core.ports import Effects
from toolkit.infra.telemetry.business import STEPS, amounts
from toolkit.infra.telemetry.health import Health
from toolkit.infra.telemetry.metrics import Metrics
from toolkit.infra.telemetry.watch import Watch
from toolkit.messages.escrow import (
    EscrowDisputed,
    EscrowFundsHeld,
    EscrowRefusedCommand,
    EscrowReleased,
)
from toolkit.messages.topics import RECORDS
from toolkit.runtime.breaker import Breaker
from toolkit.runtime.handler import BatchHandler

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def watch(metrics):
    return Watch(metrics, Health("escrow", metrics))


def value(metrics, name, **labels):
    return metrics.registry.get_sample_value(name, labels)


def said(*events):
    return Effects(events=[first(e, derived(str(i)), NOW) for i, e in enumerate(events)])


def held(minor, currency=Currency.USD):
    return EscrowFundsHeld(
        escrow_id="E1", payment_id="P1", amount=Money(minor, currency), held_at=NOW
    )


def test_money_is_counted_by_step_and_currency_in_minor_units(watch, metrics):
    released = EscrowReleased(
        escrow_id="E1", transfer_id="T1", amount=Money(70_00), released_at=NOW
    )
    refused = EscrowRefusedCommand(
        escrow_id="E1", command="ReleaseFunds", reason="not held", actor_id="ada"
    )
    disputed = EscrowDisputed(
        escrow_id="E1", dispute_id="D1", raised_by="ada", reason="broken"
    )
    with watch.handling("escrow", [add(1)]) as handling:
        handling.committed(
            said(
                held(100_00), held(5, Currency.USDC), held(1), released, disputed, refused
            ),
            1,
        )
    amounts = "escrow_amount_minor_units_total"
    assert value(metrics, amounts, step="held", currency="USD") == 100_01
    assert value(metrics, amounts, step="held", currency="USDC") == 5
    assert value(metrics, amounts, step="released", currency="USD") == 70_00
    assert value(metrics, "escrow_steps_total", step="held") == 3
    assert value(metrics, "escrow_steps_total", step="disputed") == 1
    assert value(metrics, "escrow_refused_commands_total", command="ReleaseFunds") == 1


def test_amounts_stay_exact_far_past_what_a_platform_moves(watch, metrics):
    with watch.handling("escrow", [add(1)]) as handling:
        handling.committed(said(held(2**53 - 2), held(1)), 2)
    total = value(metrics, "escrow_amount_minor_units_total", step="held", currency="USD")
    assert int(total) == 2**53 - 1


def test_a_batch_that_was_rolled_back_counts_no_business(watch, metrics):
    with pytest.raises(Fenced), watch.handling("escrow", [add(1)]):
        raise Fenced("a newer owner")
    outcome = {"service": "escrow", "outcome": "Fenced"}
    assert value(metrics, "escrow_handler_batches_total", **outcome) == 1
    assert not [s for m in metrics.steps.collect() for s in m.samples]


def test_a_failure_that_is_nobodys_idea_is_unexpected(watch, metrics):
    with pytest.raises(ZeroDivisionError), watch.handling("escrow", [add(1)]):
        raise ZeroDivisionError
    outcome = {"service": "escrow", "outcome": "Unexpected"}
    assert value(metrics, "escrow_handler_batches_total", **outcome) == 1


def test_messages_are_counted_by_what_came_of_them(bench, watch, metrics):
    bench.handler = BatchHandler("escrow", bench.database, bench.clock, ROUTES, watch)
    bench.handle(add(1), garbage(2), add(3), add(1))
    counted = {
        outcome: value(
            metrics, "escrow_handler_messages_total", service="escrow", outcome=outcome
        )
        for outcome in ("new", "known", "parked", "dead_letter")
    }
    assert counted == {"new": 2, "known": 2, "parked": 1, "dead_letter": 1}


def test_a_step_is_counted_in_money_exactly_where_its_event_says_an_amount():
    any_one = settings(max_examples=1, phases=[Phase.generate], database=None)
    every = (find(records(cls), bool, settings=any_one) for cls in RECORDS)
    for event in every:
        step = STEPS.get(type(event))
        is_money = getattr(event, "amount", None) is not None and step
        assert {name for name, _ in amounts([event] if step else [])} == (
            {step} if is_money else set()
        )


def test_no_label_can_hold_an_id(metrics):
    """Every label is of this list; each has few values, and the code knows them all."""
    bounded = {
        *("service", "step", "currency", "command", "method", "route", "status"),
        *("outcome", "type", "level", "kind", "topic", "partition", "check"),
    }
    ours = [m for m in vars(metrics).values() if hasattr(m, "_labelnames")]
    assert len(ours) > 20
    assert {label for metric in ours for label in metric._labelnames} <= bounded


def test_every_name_ends_in_its_unit(metrics):
    units = ("_total", "_seconds", "_messages", "_entries", "_letters", "_keys", "_ready")
    for metric in vars(metrics).values():
        for family in getattr(metric, "describe", list)():
            name = family.name + ("_total" if family.type == "counter" else "")
            assert name.endswith(units), name


def test_a_breaker_is_shown_as_it_stands(metrics):
    class Clock:
        def now(self):
            return NOW

    breaker = Breaker("stripe", Clock())
    metrics.show_breakers(lambda: {"stripe": breaker})
    assert value(metrics, "escrow_breaker_state", provider="stripe") == 0
    breaker.opened_at = NOW
    assert value(metrics, "escrow_breaker_state", provider="stripe") == 2
    breaker.opened_at = NOW - timedelta(hours=1)
    assert value(metrics, "escrow_breaker_state", provider="stripe") == 1


def test_the_port_is_answered_with_the_port_s_own_signatures():
    from toolkit.core.telemetry import Telemetry

    for name in ("handling", "publishing", "performing", "beat", "rest"):
        asked = list(inspect.signature(getattr(Telemetry, name)).parameters)
        assert list(inspect.signature(getattr(Watch, name)).parameters) == asked
