"""The recursion says what queueing theory says, where theory has an answer."""

import numpy as np
import pytest

from sims.capacity import theory
from sims.capacity.estimates import mean_of_runs, pooled_quantile, warm_up
from sims.capacity.flow import (
    Chance,
    Death,
    Load,
    Partitioned,
    Service,
    Workers,
    arrivals,
    partition_of,
    through,
)
from sims.capacity.question import Question
from sims.capacity.search import answered

COUNT, RUNS = 60_000, 12


def waits(stages, rate, service_s, keys=1_000_000):
    """How long messages wait for service in several runs, without each run's warm-up."""
    found = []
    for run in range(RUNS):
        at_s, drawn = arrivals(Load(rate=rate, keys=keys), COUNT, Chance(seed=3, run=run))
        waited = through(stages, at_s, drawn, Chance(seed=3, run=run)) - at_s - service_s
        found.append(waited[warm_up(waited) :])
    return found


def single(cv2):
    service = Service(batch_s=0.0, message_s=1.0, cv2=cv2, records_max=1)
    return [Partitioned(name="one", service=service, partitions=1, consumers=1)]


@pytest.mark.parametrize("busy", [0.5, 0.8])
@pytest.mark.parametrize("cv2", [0.0, 0.25, 1.0, 4.0])
def test_one_server_waits_as_pollaczek_and_khinchine_say(busy, cv2):
    found = waits(single(cv2), busy, 1.0)
    told = mean_of_runs([run.mean() for run in found])
    expected = theory.mg1_wait_mean(busy, 1.0, cv2)
    assert told.value == pytest.approx(expected, rel=0.08)


def test_the_tail_of_one_exponential_server_is_the_formulas():
    found = pooled_quantile(waits(single(1.0), 0.8, 1.0), 0.99)
    # the service of a message is not taken out exactly, so its sojourn is compared
    sojourn = np.log(1 / 0.01) / (1 - 0.8)
    assert found.value + 1.0 == pytest.approx(sojourn, rel=0.08)


@pytest.mark.parametrize("servers", [2, 5])
def test_workers_of_one_queue_wait_as_erlang_says(servers):
    service = Service(batch_s=0.0, message_s=1.0, cv2=1.0)
    pool = [Workers(name="pool", service=service, workers=servers)]
    rate = 0.8 * servers
    told = mean_of_runs([run.mean() for run in waits(pool, rate, 1.0)])
    assert told.value == pytest.approx(theory.mmc_wait_mean(rate, 1.0, servers), rel=0.1)


def test_partitions_are_separate_queues_and_no_shared_one():
    service = Service(batch_s=0.0, message_s=1.0, cv2=1.0, records_max=1)
    keyed = [Partitioned(name="keyed", service=service, partitions=6, consumers=6)]
    found = pooled_quantile(waits(keyed, 0.8 * 6, 1.0), 0.99).value + 1.0
    alone = np.log(1 / 0.01) / (1 - 0.8)
    shared = theory.mmc_wait_quantile(0.8 * 6, 1.0, 6, 0.99)
    assert found == pytest.approx(alone, rel=0.15)
    assert found > 3 * shared


def test_two_stages_in_a_row_wait_as_jackson_says():
    first, second = single(1.0)[0], single(1.0)[0]
    tandem = [
        first,
        Partitioned(name="two", service=second.service, partitions=1, consumers=1),
    ]
    told = mean_of_runs([run.mean() for run in waits(tandem, 0.7, 2.0)])
    assert told.value == pytest.approx(2 * theory.mm1_wait_mean(0.7, 1.0), rel=0.1)


def test_what_is_in_the_system_is_what_arrives_times_how_long_it_stays():
    at_s, keys = arrivals(Load(rate=5.0, keys=100), COUNT, Chance(seed=1))
    pool = [
        Workers(name="all", service=Service(batch_s=0, message_s=2.0, cv2=4.0), workers=999)
    ]
    left = through(pool, at_s, keys, Chance(seed=1))
    looked_at = np.linspace(at_s[1_000], at_s[-1], 2_000)
    live = np.searchsorted(at_s, looked_at) - np.searchsorted(np.sort(left), looked_at)
    assert live.mean() == pytest.approx(theory.mginf_live(5.0, 2.0), rel=0.05)


def test_batches_carry_more_than_one_message_at_a_time():
    service = Service(batch_s=0.9, message_s=0.1, records_max=500)
    stage = [Partitioned(name="batches", service=service, partitions=1, consumers=1)]
    at_s, keys = arrivals(Load(rate=5.0, keys=100), 20_000, Chance(seed=1))
    left = through(stage, at_s, keys, Chance(seed=1))
    assert service.single_s * 5.0 > 1  # alone, they would never be done
    assert (left - at_s).max() < 10.0
    assert service.rate_max > 9.0


@pytest.mark.parametrize(
    ("wait_s", "rate"), [(0.005, 1.0), (0.005, 20.0), (0.005, 200.0), (0.02, 200.0)]
)
def test_a_batch_that_waits_for_more_costs_what_lingering_costs(wait_s, rate):
    """The first of a batch waits for T, those that come meanwhile T/2 in the mean."""
    service = Service(
        batch_s=0, message_s=1e-9, records_max=10**6, records_min=10**6, wait_s=wait_s
    )
    stage = [Partitioned(name="linger", service=service, partitions=1, consumers=1)]
    at_s, keys = arrivals(Load(rate=rate, keys=100), COUNT, Chance(seed=1))
    waited = through(stage, at_s, keys, Chance(seed=1)) - at_s
    expected = wait_s * (1 + rate * wait_s / 2) / (1 + rate * wait_s)
    assert waited.mean() == pytest.approx(expected, rel=0.02)


def test_a_batch_begins_as_soon_as_enough_are_there():
    service = Service(batch_s=0, message_s=1e-9, records_max=10, records_min=2, wait_s=9.0)
    stage = [Partitioned(name="pairs", service=service, partitions=1, consumers=1)]
    at_s = np.array([0.0, 1.0, 5.0, 6.0, 20.0])
    left = through(stage, at_s, np.zeros(5, dtype=np.int64), Chance(seed=1))
    assert left == pytest.approx([1.0, 1.0, 6.0, 6.0, 29.0], abs=1e-6)


@pytest.mark.parametrize("servers", [1, 3, 8])
def test_the_slowest_of_one_queue_wait_as_erlang_says(servers):
    service = Service(batch_s=0.0, message_s=1.0, cv2=1.0)
    pool = [Workers(name="pool", service=service, workers=servers)]
    rate = 0.8 * servers
    at_s, keys = arrivals(Load(rate=rate, keys=10), 20 * COUNT, Chance(seed=5))
    left = through(pool, at_s, keys, Chance(seed=5))
    lasts_s = Chance(seed=5).stream("service", "pool").gamma(1.0, 1.0, len(at_s))
    waited = float(np.quantile(left - at_s - lasts_s, 0.99))
    expected = theory.mmc_wait_quantile(rate, 1.0, servers, 0.99)
    assert waited == pytest.approx(expected, rel=0.08)


@pytest.mark.slow
@pytest.mark.parametrize("busy", [0.9, 0.95])
@pytest.mark.parametrize("cv2", [0.0, 1.0])
def test_a_question_about_a_very_busy_server_is_answered_as_theory_does(busy, cv2):
    asked = Question.model_validate(
        {
            "question": "How long does it take?",
            "load": {"rate_per_s": busy, "keys": 1_000},
            "stages": [
                {
                    "name": "one",
                    "partitions": 1,
                    "consumers": 1,
                    "message_ms": 1_000,
                    "records_max": 1,
                    "cv2": cv2,
                }
            ],
            "objective": {"within_ms": 1},
            "messages_per_run": 40_000,
        }
    )
    (point,) = answered(asked)
    expected = 1 + theory.mg1_wait_mean(busy, 1.0, cv2)
    assert point.mean.value == pytest.approx(expected, rel=0.05)
    assert point.mean.low <= expected * 1.03
    assert point.mean.high >= expected * 0.97


def test_the_same_arrivals_reach_every_plan():
    load = Load(rate=5.0, keys=100)
    first, again, other = (
        arrivals(load, 100, Chance(seed=7, run=run))[0] for run in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_keys_are_spread_evenly_over_partitions():
    counts = np.bincount(partition_of(np.arange(120_000), 12), minlength=12)
    assert counts.max() / counts.mean() < 1.05


def test_after_a_death_its_messages_wait_until_it_is_noticed_and_then_drain():
    service = Service(batch_s=0.001, message_s=0.001)
    stage = [Partitioned(name="escrow", service=service, partitions=12, consumers=3)]
    at_s, keys = arrivals(Load(rate=100.0, keys=10_000), 20_000, Chance(seed=1))
    calm = through(stage, at_s, keys, Chance(seed=1)) - at_s
    death = Death(at_s=60.0, unnoticed_s=45.0)
    died = through(stage, at_s, keys, Chance(seed=1), death) - at_s
    assert calm.max() < 1.0
    assert 44.0 < died.max() < 50.0
    assert died[at_s < 59.0].max() < 1.0
    assert died[at_s > 115.0].max() < 1.0
    assert np.mean(died > 1.0) == pytest.approx(45.0 / 200.0 / 3, rel=0.2)
