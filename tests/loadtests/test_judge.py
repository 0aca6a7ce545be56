"""The verdict: a promise that is broken, or cannot be known, is never green."""

from hypothesis import given
from hypothesis import strategies as some

from loadtests.judge import judged
from loadtests.samples import FLOW, OK, OPEN, percentile


def sample(latency_ms, kind=OPEN, name="GET /", outcome=OK):
    return {
        "at_s": 0.0,
        "kind": kind,
        "name": name,
        "latency_ms": latency_ms,
        "service_ms": latency_ms,
        "outcome": outcome,
    }


def test_what_is_within_its_objectives_passes():
    rows = [sample(10.0)] * 99 + [sample(90.0)]

    verdict = judged({"requests": {"p99_ms": 10, "p99_9_ms": 90}}, rows, {}, [])

    assert verdict.passed


def test_one_slow_request_in_fifty_breaks_the_99th_percentile_and_no_other():
    rows = [sample(10.0)] * 98 + [sample(900.0)] * 2

    asked = {"requests": {"p50_ms": 20, "p95_ms": 20, "p99_ms": 20}}
    broken = [
        promise.name for promise in judged(asked, rows, {}, []).promises if not promise.kept
    ]

    assert broken == ["requests p99_ms"]


def test_one_failed_answer_in_a_hundred_breaks_the_error_ratio():
    rows = [sample(1.0)] * 99 + [sample(1.0, outcome="500")]

    assert not judged({"requests": {"error_ratio": 0.001}}, rows, {}, []).passed


def test_a_flow_is_judged_by_its_own_objective():
    rows = [sample(1.0), sample(5_000.0, kind=FLOW, name="paid to funds held")]
    asked = {"requests": {"p99_ms": 10}, "flows": {"paid to funds held": {"p99_ms": 1_000}}}

    verdict = judged(asked, rows, {}, [])

    assert [promise.kept for promise in verdict.promises] == [True, False]


def test_a_run_without_a_single_request_fails():
    assert not judged({"requests": {"p99_ms": 10}}, [], {}, []).passed


def test_a_figure_that_was_asked_and_could_not_be_measured_fails():
    assert not judged({"drain_s": 30}, [], {"drain_s": None}, []).passed


def test_a_generator_that_did_not_keep_up_fails_the_run():
    figures = {"achieved_to_intended": 0.9, "in_flight_refused": 3.0}

    asked = {"achieved_to_intended": 0.99, "in_flight_refused": 0}
    verdict = judged(asked, [], figures, [])

    assert [promise.kept for promise in verdict.promises] == [False, False]


def test_a_lost_cent_fails_whatever_was_fast():
    rows = [sample(1.0)]

    assert judged({"requests": {"p99_ms": 10}}, rows, {}, []).passed
    assert not judged({"requests": {"p99_ms": 10}}, rows, {}, ["money: a cent"]).passed


@given(
    some.lists(some.floats(min_value=0.0, max_value=1e6), min_size=1),
    some.floats(min_value=0.001, max_value=1.0),
)
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(values, share):
    found = percentile(values, share)

    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    below = [value for value in values if value < found]
    assert len(below) < share * len(values) + 1e-9
