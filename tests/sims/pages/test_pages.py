"""The simulator's pages say what the results say, to the minor unit."""

import re
from decimal import Decimal

import pyarrow.parquet as pq
import pytest
import yaml

from sims import notebook
from sims.__main__ import main
from sims.pages.kept import DamagedError, NothingKeptError
from sims.pages.lifecycle_figures import daily_means
from tests.sims.capacity.test_answers import written
from tests.sims.studies.asked import ASKED

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    asked = ["capacity", str(written(folder)), "--what-if", "--workers", "1"]
    assert main([*asked, "--output", str(folder / "out")]) == 0
    return notebook.load_capacity(folder / "out")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    asked = folder / "asked.yaml"
    asked.write_text(yaml.safe_dump(ASKED, sort_keys=False))
    command = ["study", str(asked), "--workers", "1", "--output", str(folder / "out")]
    assert main(command) == 0
    return notebook.load_study(folder / "out")


def text(html):
    return re.sub(r"<[^>]+>", " ", html)


def test_the_plans_page_shows_the_curve_of_the_file(plan):
    table = notebook.demand(plan)
    curve = pq.read_table(plan.folder / "curve.parquet").to_pylist()
    assert [row["p99, ms"] for row in table.rows] == [
        round(point["sojourn_s"] * 1_000) for point in curve
    ]
    assert notebook.shows_every_rate(table, plan)
    assert notebook.plan_is_the_curves(plan)
    assert notebook.intervals_hold_their_quantiles(plan)
    assert "KEPT at 60 messages a second" in text(notebook.capacity_banner(plan).text)


def test_the_plans_pictures_name_their_answers(plan):
    for picture in (notebook.demand_curve, notebook.load_carried, notebook.tornado):
        title = picture(plan).figure.layout.title.text
        assert len(title) > 20, picture
    assert "kept up to" in notebook.load_carried(plan).figure.layout.title.text
    for table in (notebook.headroom, notebook.what_matters, notebook.what_if):
        assert table(plan).rows
    assert notebook.classic(plan).rows[0]["Servers found"] >= 2
    assert "a message waits up to" in notebook.after_death(plan).text
    assert "not played with the real handlers" in notebook.capacity_verdict(plan).text


def test_the_studys_page_shows_exact_amounts_of_the_summary(study):
    rows = {(row["Scenario"], row["Measure"]): row for row in notebook.figures(study).rows}
    shown = rows["14 days", "money held, mean of the days' ends, by card"]
    (kept,) = (
        row
        for row in pq.read_table(study.folder / "summary.parquet").to_pylist()
        if (row["scenario"], row["measure"], row["rail"])
        == ("14 days", "held_mean_minor", "STRIPE")
    )
    assert shown["Mean"] == Decimal(kept["mean"]) / 100
    assert shown["Difference"] == Decimal(kept["difference"]) / 100
    assert notebook.means_are_the_results(study)
    assert notebook.days_are_the_results(study)
    assert notebook.shows_every_scenario(notebook.scenarios(study), study)


def test_the_line_of_a_scenario_is_the_mean_of_its_days(study):
    days = pq.read_table(study.folder / "days.parquet").to_pylist()
    first = [
        row["held_minor"]
        for row in days
        if (row["scenario"], row["day"], row["rail"]) == ("14 days", 0, "STRIPE")
    ]
    drawn = daily_means(study, "STRIPE", "held_minor")["14 days"]
    assert abs(drawn[0] - sum(first) / len(first)) <= 1
    assert len(drawn) == ASKED["lasts_days"]
    figure = notebook.held_by_card(study).figure
    assert [trace.name for trace in figure.data] == ["as it is", "14 days"]


def test_a_result_that_was_changed_is_noticed(study):
    (first, *rest) = study["results"]
    changed = ({**first, "value": first["value"] + 10_000_00}, *rest)
    tampered = type(study)(
        folder=study.folder, told=study.told, tables={**study.tables, "results": changed}
    )
    assert not notebook.means_are_the_results(tampered)


def test_a_folder_of_something_else_is_told_with_what_to_do(study, tmp_path):
    with pytest.raises(NothingKeptError, match="sims capacity QUESTION"):
        notebook.load_capacity(study.folder)
    with pytest.raises(NothingKeptError, match="sims study QUESTION"):
        notebook.load_study(tmp_path)
    (tmp_path / "violation.json").write_text("{")
    with pytest.raises(DamagedError, match="make it again"):
        notebook.load_violation(tmp_path)
    page = ["report", "--notebook", "fault_search", "--run"]
    assert main([*page, str(tmp_path)]) == 2
    assert main([*page, str(tmp_path / "nowhere")]) == 64
