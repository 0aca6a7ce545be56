"""Operators ask a process how it is, and are told, whatever state it is in."""

import asyncio

import httpx
import pytest

from toolkit.infra.telemetry.health import STUCK_S, Health
from toolkit.infra.telemetry.metrics import Metrics
from toolkit.infra.telemetry.operations import served


class HandClock:
    at_s = 1_000.0

    def __call__(self):
        return self.at_s


async def fine():
    return True


async def down():
    raise ConnectionRefusedError("no broker")


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def health(clock):
    return Health("escrow", Metrics(), clock)


def look(health, **checks):
    """Let the process look at itself once."""
    asyncio.run(health.look(checks))


def failing(answers):
    return {name for name, is_fine in answers.items() if not is_fine}


def test_a_process_that_has_not_looked_at_anything_is_not_ready(health):
    assert failing(health.ready()) == {"checks"}


def test_one_whose_dependencies_answer_is_ready_and_live(health):
    health.beat("escrow consumer")
    look(health, broker=fine)
    assert not failing(health.ready())
    assert not failing(health.live())


def test_a_dependency_that_does_not_answer_is_named(health):
    look(health, broker=down, registry=fine)
    assert failing(health.ready()) == {"broker"}


def test_a_loop_that_falls_silent_is_stuck_and_the_process_not_ready(health, clock):
    health.beat("escrow relay")
    clock.at_s += STUCK_S
    look(health, broker=fine)
    assert failing(health.ready()) == {"escrow relay"}
    assert not failing(health.live())


def test_a_relay_that_waits_for_its_turn_is_not_stuck(health, clock):
    health.rest("escrow relay")
    clock.at_s += 10 * STUCK_S
    look(health, broker=fine)
    assert not failing(health.ready())


def test_answers_that_are_old_are_no_answers(health, clock):
    """So a stuck event loop is seen from outside, whoever else is fine."""
    look(health, broker=fine)
    clock.at_s += STUCK_S
    assert failing(health.live()) == {"event loop"}
    assert failing(health.ready()) == {"event loop", "broker"}


def test_a_process_that_drains_is_live_and_not_ready(health):
    look(health, broker=fine)
    health.drain()
    assert failing(health.ready()) == {"in service"}
    assert not failing(health.live())


def test_the_face_answers_with_status_and_reasons(health):
    look(health, broker=down)
    with served(health.metrics, health, "127.0.0.1", 0) as address:
        live = httpx.get(f"{address}/health/live")
        ready = httpx.get(f"{address}/health/ready")
        nothing = httpx.get(f"{address}/")
    assert (live.status_code, live.json()["status"]) == (200, "live")
    assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
    assert ready.json()["checks"] == {
        "event loop": True,
        "broker": False,
        "in service": True,
    }
    assert nothing.status_code == 404


def test_the_face_answers_where_no_event_loop_runs_any_more(health):
    with served(health.metrics, health, "127.0.0.1", 0) as address:
        assert httpx.get(f"{address}/health/live").status_code == 503


def test_the_metrics_are_served_as_prometheus_reads_them(health):
    health.metrics.steps.labels("held").inc(3)
    with served(health.metrics, health, "127.0.0.1", 0) as address:
        answer = httpx.get(f"{address}/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'escrow_steps_total{step="held"} 3.0' in answer.text
