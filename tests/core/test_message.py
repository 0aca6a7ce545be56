"""An envelope's consequences have ids that follow from it: a retry says the very same."""

import dataclasses
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.core.decider import Decider, Later, Listener, Projection
from toolkit.core.message import Command, Event, derived, first, record, replace
from toolkit.core.money import Money

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)


@record
class Turn(Command):
    topic = "wheels.commands.v1"

    wheel_id: str

    @property
    def key(self):
        return self.wheel_id


@record
class Turned(Event):
    topic = "wheels.events.v1"

    wheel_id: str

    @property
    def key(self):
        return self.wheel_id


ASK, FACT = Turn(wheel_id="w"), Turned(wheel_id="w")


@given(st.uuids(), st.integers(0, 1_000))
def test_a_retry_says_the_very_same_envelope(id, index):
    cause = first(ASK, id, NOW, "00-ab-cd-01")
    assert cause.caused(index, FACT, NOW, 3) == cause.caused(index, FACT, NOW, 3)


@given(st.uuids(), st.uuids(), st.integers(0, 50), st.integers(0, 50))
def test_different_consequences_have_different_ids(one, other, i, j):
    left = first(ASK, one, NOW).caused(i, FACT, NOW)
    right = first(ASK, other, NOW).caused(j, FACT, NOW)
    assert (left.id == right.id) == ((one, i) == (other, j))


def test_a_chain_of_causes_has_one_correlation_and_one_trace():
    cause = first(ASK, UUID(int=1), NOW, "00-ab-cd-01")
    end = cause.caused(0, FACT, NOW).caused(0, FACT, NOW)
    assert end.correlation_id == UUID(int=1)
    assert end.traceparent == "00-ab-cd-01"
    assert end.causation_id == cause.caused(0, FACT, NOW).id


def test_an_envelope_is_addressed_and_named_by_its_message():
    envelope = first(ASK, UUID(int=1), NOW)
    assert (envelope.key, envelope.type) == ("w", "Turn")


@given(st.lists(st.text(min_size=1).filter(lambda t: "/" not in t), min_size=1, max_size=4))
def test_a_derived_name_is_the_same_for_whoever_derives_it(parts):
    assert derived(*parts) == derived(*parts)
    assert derived(*parts) != derived(*parts, "more")


def test_a_decider_folds_the_events_it_says_and_nothing_else():
    later = Later(name="again", at=NOW, command=ASK)
    wheel = Decider(
        initial=0,
        decide=lambda _state, _message, _now: (FACT, ASK, later, FACT),
        evolve=lambda turns, _event: turns + 1,
    )
    assert wheel.step(0, ASK, NOW) == (2, (FACT, ASK, later, FACT))


def test_a_projection_folds_what_happened_and_when():
    seen = Projection(initial=(), evolve=lambda known, event, at: (*known, event, at))
    told = first(FACT, UUID(int=1), NOW)
    assert seen.fold((), told) == (FACT, NOW)


def test_a_listener_remembers_nothing():
    echo = Listener(say=lambda event: [event])
    assert echo.step(None, FACT, NOW) == (None, (FACT,))


@given(st.integers(0, 9), st.text(max_size=3))
def test_a_changed_record_is_what_the_standard_library_makes_of_it(minor, name):
    @record
    class Held:
        minor: int
        name: str
        by: tuple[str, ...] = ()

    held = Held(minor=1, name="a", by=("b",))
    assert replace(held, minor=minor) == dataclasses.replace(held, minor=minor)
    assert replace(held, name=name, by=()) == Held(minor=1, name=name)
    assert held == Held(minor=1, name="a", by=("b",)), "it was copied"


def test_a_change_is_checked_as_a_new_record_is():
    with pytest.raises(ValueError, match="never negative"):
        replace(Money(5), minor=-1)
    with pytest.raises(TypeError, match="Money has no cents"):
        replace(Money(5), cents=1)
