"""Every metric of a process, in one place: its name, its unit and its few labels.

No label ever holds an id: the values of each are a short list that the code knows. Amounts
are whole minor units; Prometheus keeps all numbers as doubles, which are exact up to 2^53.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
BATCHES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000)
STANDINGS = {"CLOSED": 0, "HALF_OPEN": 1, "OPEN": 2}


class Breaker(Protocol):
    """What a circuit breaker shows of itself."""

    trips: int
    refused: int

    @property
    def standing(self) -> str: ...


class Metrics:
    """The metrics of one process; each registry has its own."""

    def __init__(self) -> None:
        # They are a second series for each, and nothing here reads them.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._describe_business()
        self._describe_work()
        self._describe_backlog()

    def show_breakers(self, breakers: Callable[[], Mapping[str, Breaker]]) -> None:
        """Show these breakers whenever somebody looks."""
        self.registry.register(_Breakers(breakers))

    def _describe_business(self) -> None:
        self.steps = self._counter(
            "escrow_steps", "Steps that escrows took: created, held, released…", "step"
        )
        self.amounts = self._counter(
            "escrow_amount_minor_units",
            "Money of these steps, in whole minor units",
            "step",
            "currency",
        )
        self.refusals = self._counter(
            "escrow_refused_commands", "Commands that the rules refused", "command"
        )

    def _describe_work(self) -> None:
        self.requests = self._counter(
            "escrow_http_requests", "Requests answered", "method", "route", "status"
        )
        self.request_s = self._seconds(
            "escrow_http_request_duration_seconds", "Time to answer", "method", "route"
        )
        self.batches = self._counter(
            "escrow_handler_batches", "Transactions by their end", "service", "outcome"
        )
        self.batch_s = self._seconds(
            "escrow_handler_batch_duration_seconds", "Time of a transaction", "service"
        )
        self.batch_messages = Histogram(
            "escrow_handler_batch_messages",
            "Messages in a transaction",
            ["service"],
            buckets=BATCHES,
            registry=self.registry,
        )
        self.messages = self._counter(
            "escrow_handler_messages", "Messages by what came of them", "service", "outcome"
        )
        self.events = self._counter(
            "escrow_events", "Events that were written down", "service", "type"
        )
        self.relayed = self._counter(
            "escrow_relay_messages", "Messages the broker confirmed", "service"
        )
        self.relays = self._counter(
            "escrow_relay_batches",
            "Batches of the outbox by their end",
            "service",
            "outcome",
        )
        self.relay_s = self._seconds(
            "escrow_relay_batch_duration_seconds", "Time until confirmed", "service"
        )
        self.calls = self._counter(
            "escrow_provider_calls", "Calls to providers by their end", "command", "outcome"
        )
        self.call_s = self._seconds(
            "escrow_provider_call_duration_seconds", "Time of a call", "command"
        )
        self.log_lines = self._counter(
            "escrow_log_lines", "Lines in the log of warnings and worse", "level"
        )

    def _describe_backlog(self) -> None:
        self.lag = self._gauge(
            "escrow_consumer_lag_messages",
            "Messages of a partition that are not handled yet",
            "service",
            "topic",
            "partition",
        )
        self.projection_lag_s = self._gauge(
            "escrow_projection_lag_seconds",
            "How old the newest is that read models show; 0 when nothing waits for them",
            "service",
        )
        self.outbox = self._gauge(
            "escrow_outbox_messages", "Messages not with the broker yet", "service"
        )
        self.outbox_age_s = self._gauge(
            "escrow_outbox_oldest_age_seconds", "Age of the oldest of them", "service"
        )
        self.agenda = self._gauge(
            "escrow_agenda_entries", "Timers and calls on the agenda", "service", "kind"
        )
        self.overdue_s = self._gauge(
            "escrow_agenda_overdue_seconds",
            "How long the longest overdue entry has been due",
            "service",
            "kind",
        )
        self.dead_letters = self._gauge(
            "escrow_dead_letters", "Dead letters that nobody has resolved", "service"
        )
        self.parked_keys = self._gauge(
            "escrow_parked_keys", "Keys that wait behind a dead letter", "service"
        )
        self.parked = self._gauge(
            "escrow_parked_messages", "Messages that wait behind a dead letter", "service"
        )
        self.seen_at = self._gauge(
            "escrow_backlog_seen_timestamp_seconds",
            "When the figures of the backlog were last read",
            "service",
        )
        self.ready = self._gauge(
            "escrow_ready", "1 when a check passes, 0 when not", "service", "check"
        )

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(name, says, labels, registry=self.registry)

    def _seconds(self, name: str, says: str, *labels: str) -> Histogram:
        return Histogram(name, says, labels, buckets=SECONDS, registry=self.registry)


class _Breakers(Collector):
    """Reads the breakers when the metrics are asked for, so that they know of nothing."""

    def __init__(self, breakers: Callable[[], Mapping[str, Breaker]]) -> None:
        self._breakers = breakers

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        state = GaugeMetricFamily(
            "escrow_breaker_state", "0 closed, 1 half open, 2 open", labels=["provider"]
        )
        trips = CounterMetricFamily(
            "escrow_breaker_trips", "How often it opened", labels=["provider"]
        )
        refused = CounterMetricFamily(
            "escrow_breaker_refused_calls", "Calls it did not let pass", labels=["provider"]
        )
        for provider, breaker in list(self._breakers().items()):
            state.add_metric([provider], STANDINGS[breaker.standing])
            trips.add_metric([provider], breaker.trips)
            refused.add_metric([provider], breaker.refused)
        return state, trips, refused
