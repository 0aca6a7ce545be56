"""What watches the platform in production asks for what the platform really shows."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from recon.alerts import prometheus as reconciliation
from recon.alerts.findings import Findings
from toolkit.infra.clock import SystemClock
from toolkit.infra.telemetry.metrics import Metrics
from toolkit.runtime.breaker import Breaker
from toolkit.topology import SERVICES

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "alerts.yaml"
STORIES = DEPLOY / "prometheus" / "alerts.test.yaml"
RUNBOOK = Path(__file__).parents[2] / "docs" / "runbooks" / "alerts.md"
DASHBOARD = DEPLOY / "grafana" / "dashboard.json"
OF_PROMETHEUS = {"up": {"job", "instance"}, "ALERTS": {"alertstate", "alertname"}}
OF_ITS_TARGET = {"job", "instance"}
SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}
NAME = re.compile(r"\b(?:escrow|process|python)_\w+|\bup\b|\bALERTS\b")
SELECTOR = re.compile(r"\b([A-Za-z_]+)\{([^}]*)\}")
GROUPED = re.compile(r"\b(?:by|without|on)\s*\(([^)]*)\)")


@cache
def rules():
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def panels():
    board = json.loads(DASHBOARD.read_text())
    return [panel for panel in board["panels"] if panel["type"] != "row"]


@cache
def expressions():
    asked = {f"alert {name}": rule["expr"] for name, rule in rules().items()}
    for panel in panels():
        for target in panel["targets"]:
            asked[f"panel {panel['title']} {target['refId']}"] = target["expr"]
    return asked


@cache
def shown():
    """The names of all series that we show, each with its labels."""
    metrics = Metrics()
    metrics.show_breakers(lambda: {"stripe": Breaker("stripe", SystemClock())})
    series = dict(OF_PROMETHEUS)
    for metric in vars(metrics).values():
        for suffix in SUFFIXES.get(getattr(metric, "_type", ""), ()):
            labels = {*metric._labelnames, *OF_ITS_TARGET}
            series[metric._name + suffix] = labels | (
                {"le"} if suffix == "_bucket" else set()
            )
    samples = [s for family in metrics.registry.collect() for s in family.samples]
    found = Findings(date(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC), "", "", ())
    for family in text_string_to_metric_families(reconciliation.text(found)):
        samples += family.samples
    for sample in samples:
        series.setdefault(sample.name, {*sample.labels, *OF_ITS_TARGET})
    return series


@pytest.mark.parametrize("where", expressions())
def test_an_expression_names_metrics_and_labels_that_we_show(where):
    expression, series = expressions()[where], shown()
    bare = re.sub(r'"[^"]*"', '""', expression)
    names = set(NAME.findall(bare))
    assert names
    assert names <= set(series)
    for name, selected in SELECTOR.findall(bare):
        assert set(re.findall(r"(\w+)\s*[=!]", selected)) <= series[name], name
    known = set().union(*(series[name] for name in names))
    for grouped in GROUPED.findall(bare):
        assert {label.strip() for label in grouped.split(",")} <= known


def test_every_metric_of_ours_is_on_the_dashboard():
    asked = " ".join(target["expr"] for panel in panels() for target in panel["targets"])
    metrics = Metrics()
    families = {m._name for m in vars(metrics).values() if hasattr(m, "_name")}
    assert {name for name in families if name not in asked} == set()


def test_panels_have_places_of_their_own():
    taken = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


@pytest.mark.parametrize("name", rules())
def test_an_alert_says_what_is_wrong_and_where_its_page_is(name):
    rule = rules()[name]
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert page == "docs/runbooks/alerts.md"
    headings = re.findall(r"^## (\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    assert anchor in {heading.lower() for heading in headings}


def test_the_runbook_has_no_page_for_an_alert_that_is_gone():
    headings = re.findall(r"^## (Escrow\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    assert set(headings) <= set(rules())


def test_every_alert_is_played():
    stories = yaml.safe_load(STORIES.read_text())["tests"]
    played = {told["alertname"] for story in stories for told in story["alert_rule_test"]}
    assert played == set(rules())


def test_every_service_is_looked_at():
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    jobs = {job["job_name"] for job in config["scrape_configs"]}
    assert jobs == {*SERVICES, "reconciliation", "embedded"}


@pytest.fixture
def promtool():
    beside = Path(sys.executable).parent / "promtool"
    found = shutil.which("promtool") or (str(beside) if beside.exists() else None)
    if found is None:
        pytest.skip("promtool is not here: make promtool")

    def run(*arguments, told=b""):
        done = subprocess.run(
            [found, *arguments],
            cwd=DEPLOY / "prometheus",
            input=told,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr).decode()

    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "alerts.yaml"),
        ("test", "rules", "alerts.test.yaml"),
        ("check", "config", "prometheus.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_own_tool_finds_nothing_wrong(promtool, arguments):
    exit_status, said = promtool(*arguments)
    assert exit_status == 0, said


def test_prometheus_own_tool_finds_nothing_wrong_with_what_we_show(promtool):
    """Names, units and help are as it wants them."""
    exit_status, said = promtool(
        "check", "metrics", told=generate_latest(Metrics().registry)
    )
    assert exit_status == 0, said
