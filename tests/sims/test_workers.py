"""Who works changes no number: one process, several, or a Ray cluster."""

import argparse

import pytest

from sims.capacity.around import answer, grid
from sims.capacity.question import Question
from sims.workers import NoClusterError, Workers, add_options, chosen
from tests.sims.capacity.test_answers import ASKED


def jobs():
    question = Question.model_validate({**ASKED, "rates_per_s": []})
    return grid(question, {"load.rate_per_s": [10, 20, 40], "seed": [3, 4]})


def test_results_come_in_the_order_of_the_jobs_whoever_worked():
    alone = list(Workers(processes=1).results(answer, jobs()))
    assert list(Workers(processes=2).results(answer, jobs())) == alone
    assert [point.rate for point in alone] == [10, 10, 20, 20, 40, 40]


@pytest.mark.slow
def test_a_ray_cluster_finds_the_same():
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    alone = list(Workers(processes=1).results(answer, jobs()))
    assert list(Workers(is_cluster=True).results(answer, jobs())) == alone


def test_without_ray_a_cluster_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(NoClusterError, match="extra `ray`"):
        list(Workers(is_cluster=True).results(answer, jobs()))


def test_the_options_say_who_works():
    parser = argparse.ArgumentParser()
    add_options(parser)
    assert chosen(parser.parse_args(["--workers", "4"])) == Workers(processes=4)
    assert chosen(parser.parse_args(["--cluster"])).is_cluster
    there = chosen(parser.parse_args(["--cluster", "ray://head:10001"]))
    assert there.address == "ray://head:10001"
    with pytest.raises(SystemExit):
        parser.parse_args(["--workers", "0"])
