"""The notebook of a run says what its folder says, and refuses one that says nothing."""

import json

import pytest

from loadtests import notebook
from loadtests.judge import judged
from loadtests.profiles import ProfileWrong
from loadtests.report import written_about
from loadtests.samples import FLOW, OPEN, Recorder, Sample, gathered
from loadtests.written import everything


def finished(folder, slower_by=1.0, findings=()):
    """Write the folder of a small run by hand."""
    folder.mkdir(parents=True)
    recorder = Recorder.to(folder / "samples-1.csv")
    for number in range(200):
        latency_s = slower_by * (0.01 + 0.001 * (number % 20))
        name, kind = ("GET /x", OPEN) if number % 4 else ("paid to funds held", FLOW)
        recorder.write(
            Sample(
                at_s=number / 20,
                kind=kind,
                name=name,
                latency_s=latency_s,
                service_s=latency_s,
                outcome="ok" if number != 7 else "500",
            )
        )
    recorder.close()
    (folder / "generator-1.json").write_text('{"origin_s": 0.0}')
    (folder / "watch.csv").write_text(
        "at_s,what,value\n"
        + "".join(f"{t},lag,{t % 3}\n{t},count gateway,{20 * t}\n" for t in range(10))
    )
    rows = gathered(folder).to_pylist()
    verdict = judged({"requests": {"p99_ms": 100}}, rows, {}, list(findings))
    machine = {"cores": 2, "processor": "any", "python": "3", "commit": "c0ffee"}
    told = {"mix": "journeys", "shape": "steady", "rate_per_s": 5.0, "seconds": 10.0}
    told |= {"seed": 7, "workers": 1, "host": "embedded", "opened": 3}
    told |= {"money_checked": True, "stages": {"count gateway": 20.0}}
    told |= {"machine": machine | {"load_before": 0.5}}
    told["verdict"] = "PASSED" if verdict.passed else "FAILED"
    everything(folder, told, verdict, rows)
    return folder


def test_it_shows_what_was_measured(tmp_path):
    run = notebook.load(str(finished(tmp_path / "run")))

    assert notebook.verdict_follows(run)
    assert notebook.every_sample_is_counted(run)
    assert notebook.errors_are_the_samples(run)
    assert list(notebook.flows(run)["name"]) == ["paid to funds held"]
    p50, p99 = notebook.latency_over_time(run).figure.data
    assert len(p50.y) == 10
    assert all(low <= high for low, high in zip(p50.y, p99.y, strict=True))
    assert max(notebook.lag(run).figure.data[0].y) == 2.0


def test_it_holds_a_run_against_an_earlier_one_and_a_prediction(tmp_path):
    earlier = finished(tmp_path / "earlier")
    prediction = tmp_path / "prediction.json"
    prediction.write_text(json.dumps({"requests": {"p50_ms": 22.0}}))

    run = notebook.load(
        str(finished(tmp_path / "run", slower_by=2.0)), str(earlier), str(prediction)
    )

    assert set(notebook.comparison(run)["p99 ratio"]) == {2.0}
    (line,) = notebook.prediction(run).to_dict("records")
    assert line["error"] == pytest.approx((22.0 - line["measured"]) / line["measured"])


def test_money_that_is_missing_is_the_first_thing_it_says(tmp_path):
    run = notebook.load(str(finished(tmp_path / "run", findings=["money: a <cent>"])))

    assert "money: a &lt;cent&gt;" in notebook.money(run).text
    assert "FAILED" in notebook.banner(run).text


def test_a_folder_without_a_finished_run_is_refused(tmp_path):
    with pytest.raises(ProfileWrong, match="holds no finished run"):
        notebook.load(str(tmp_path))


@pytest.mark.slow
def test_the_page_is_complete_in_itself(tmp_path):
    page = written_about(finished(tmp_path / "run"), None, None).read_text()

    assert "confirmed: 200 samples" in page
    assert "Load test: PASSED" in page
