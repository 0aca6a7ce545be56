"""A run becomes a page that anybody can open, anywhere, and that says what the run says."""

import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import jupytext
import pytest

from recon.__main__ import main as command
from recon.run import reconcile
from tests.notebooks import made

SAMPLE = Path(__file__).parents[2] / "../shared/data/finance-day"
DAYS = {
    "2026-11-17": "2026-11-17",
    "2026-11-18": "2026-11-18",
    "2026-11-19": "2026-11-19",
    "incomplete": "2026-11-19",
}
NAME = "daily_reconciliation"


class Links(HTMLParser):
    """Everything that a page asks a browser to load or to follow, and its style."""

    def __init__(self):
        super().__init__()
        self.found, self.styles, self.inside = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.inside = tag
        names = {"src", "href", "srcset", "data", "action", "poster"}
        self.found += [(tag, value) for name, value in attrs if name in names and value]

    def handle_data(self, data):
        if self.inside == "style":
            self.styles.append(data)


def links(html):
    parser = Links()
    parser.feed(html)
    assert not any("url(" in style or "@import" in style for style in parser.styles)
    return parser.found


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A small run of ours and its page, in another folder."""
    folder = made.run(
        tmp_path_factory.mktemp("run with space"),
        discrepancies=[made.discrepancy()],
        in_transit=[made.waiting()],
        matches=[made.match()],
        proofs=[made.proof("roll_forward"), made.proof()],
    )
    page = folder / "pages" / "19.html"
    page.parent.mkdir()
    assert command(["report", "--run", str(folder), "--html", str(page)]) == 0
    return folder, page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_needs_no_network(reported):
    found = links(reported[1])
    assert found
    for tag, target in found:
        assert tag == "a", f"{tag} loads {target}"
        assert not target.startswith(("http:", "https:", "//"))


@pytest.mark.slow
def test_plotly_is_in_the_page_once(reported):
    assert reported[1].count("plotly.js v") == 1
    assert reported[1].count("Plotly.newPlot(") >= 2


@pytest.mark.slow
def test_no_code_is_shown(reported):
    assert "notebook.load" not in reported[1]


@pytest.mark.slow
def test_links_lead_from_the_page_to_the_files_of_the_run(reported):
    folder, html = reported
    targets = [target for _, target in links(html) if not target.startswith("#")]
    assert "../summary.json" in targets
    for target in targets:
        assert (folder / "pages" / target).is_file()


@pytest.mark.slow
def test_the_executed_notebook_is_kept_with_its_parameter_as_text(reported):
    folder, _ = reported
    executed = jupytext.read(folder / f"{NAME}.ipynb")
    assert executed.metadata.papermill.parameters == {
        "run_folder": str(folder.resolve()),
        "history_folder": "",
    }
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")


@pytest.mark.slow
def test_a_page_that_would_contradict_the_summary_is_not_made(tmp_path, capsys):
    run = made.run(tmp_path, discrepancies=[made.discrepancy()], verdict="RECONCILED")
    (run / f"{NAME}.html").write_text("yesterday's")
    assert command(["report", "--run", str(run)]) == 2
    assert "another verdict follows" in capsys.readouterr().err
    assert not (run / f"{NAME}.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", DAYS)
def test_a_sample_day_becomes_a_page_with_its_own_figures(name, tmp_path):
    if not SAMPLE.is_dir():
        pytest.skip("the public sample days are not beside the project")
    reconcile(date.fromisoformat(DAYS[name]), SAMPLE / name, tmp_path, None)
    assert command(["report", "--run", str(tmp_path)]) == 0
    summary = json.loads((tmp_path / "summary.json").read_text())
    html = (tmp_path / f"{NAME}.html").read_text(encoding="utf-8")
    assert f'class="verdict"><span class="mark">{MARKS[summary["verdict"]]}' in html
    assert all(tag == "a" for tag, _ in links(html))
    for entry in summary["inputs"]:
        assert entry["sha256"] in html
    for code in summary["discrepancies"]:
        assert f"<strong>{code}</strong>" in html
    assert "✓ Checked to the minor unit" in html


MARKS = {
    "RECONCILED": "✓</span> RECONCILED",
    "EXCEPTIONS": "✕</span> EXCEPTIONS",
    "INCOMPLETE": "?</span> INCOMPLETE",
}


def test_a_folder_that_is_no_run_is_wrong_usage(tmp_path, capsys):
    assert command(["report", "--run", str(tmp_path)]) == 64
    assert "is no run" in capsys.readouterr().err


def test_a_damaged_run_is_told_and_leaves_no_page(tmp_path, capsys):
    (made.run(tmp_path) / "matches.parquet").write_bytes(b"PAR1")
    assert command(["report", "--run", str(tmp_path)]) == 2
    assert "matches.parquet is unreadable" in capsys.readouterr().err
    assert not (tmp_path / f"{NAME}.html").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "needs --run"),
        (["--run", "out", "--month", "2026-11"], "no --month"),
        (["--notebook", "month_end", "--history", "out"], "--month"),
        (["--notebook", "month_end", "--month", "2026-11"], "--history"),
    ],
)
def test_a_call_that_lacks_something_says_what(given, says, capsys):
    assert command(["report", *given]) == 64
    assert says in capsys.readouterr().err


def test_a_month_that_is_none_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as ended:
        command(["report", "--notebook", "month_end", "--month", "2026-13"])
    assert ended.value.code == 64
    assert "write 2026-11" in capsys.readouterr().err
