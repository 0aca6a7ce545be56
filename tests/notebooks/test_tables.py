"""The notebook's tables say what the run's files say, exactly and in plain words."""

from decimal import Decimal

import pytest

from recon import notebook
from recon.pages.html import SHOWN_ROWS, Table
from tests.notebooks import made

TABLES = (
    *(notebook.roll_forward, notebook.itemised, notebook.safeguarding, notebook.bridge),
    *(notebook.match_rates, notebook.pairs, notebook.discrepancies, notebook.by_code),
    *(notebook.ageing, notebook.settled, notebook.in_transit, notebook.inputs),
    notebook.control_totals,
)
CAUSE = {"code": "AMOUNT_MISMATCH", "subject": "escrow-1", "provider_ref": "ch_1"}
KEYS = ("Code", "Rail", "Currency")


def column(table, name):
    return [row[name] for row in table.rows]


@pytest.fixture
def run(tmp_path):
    """A day with something of everything."""
    short = made.proof(
        difference=4_96,
        in_transit_minor=5_00,
        explained_by=[CAUSE | {"effect_minor": -1}],
        unexplained_minor=-3,
    )
    return notebook.load(
        made.run(
            tmp_path,
            discrepancies=[
                made.discrepancy(),
                made.discrepancy(
                    "STATUS_MISMATCH", -7, 0, currency="USDC", severity="CRITICAL"
                ),
                made.discrepancy("ILLEGAL_TRANSITION", None, None, currency=None),
                made.discrepancy("FEE_VARIANCE", state="RESOLVED"),
            ],
            in_transit=[made.waiting()],
            matches=[made.match()],
            proofs=[
                made.proof("roll_forward"),
                made.proof("bank", rail=None),
                made.proof("itemised"),
                short,
            ],
        )
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_no_amount_is_ever_a_float(run, table):
    shown = table(run)
    assert shown.rows
    assert not any(isinstance(cell, float) for row in shown.rows for cell in row.values())


def test_sums_of_the_tables_are_the_summarys(run):
    discrepancies = notebook.discrepancies(run)
    found = notebook.totals(discrepancies, KEYS, "Difference")
    assert found == notebook.stated_discrepancies(run)
    assert found["AMOUNT_MISMATCH", "STRIPE", "USD"] == (1, -1)
    waiting = notebook.totals(
        notebook.in_transit(run), ("Kind", "Rail", "Currency"), "Amount"
    )
    assert waiting == notebook.stated_in_transit(run)
    assert notebook.verdict_of(discrepancies) == "EXCEPTIONS"


def test_a_cent_too_much_in_the_summary_is_noticed(run):
    run.summary["discrepancies"]["AMOUNT_MISMATCH"]["rails"][0]["difference_minor"] = -2
    found = notebook.totals(notebook.discrepancies(run), KEYS, "Difference")
    assert found != notebook.stated_discrepancies(run)


def test_a_balance_that_does_not_follow_is_noticed(run):
    assert notebook.is_rolled_forward(notebook.roll_forward(run))
    run.summary["proofs"][0]["closing_minor"] += 1
    assert not notebook.is_rolled_forward(notebook.roll_forward(run))


def test_holdings_that_do_not_add_up_are_noticed(run):
    assert notebook.is_held_against_owed(notebook.safeguarding(run))
    run.summary["proofs"][3]["owed_minor"] += 1
    assert not notebook.is_held_against_owed(notebook.safeguarding(run))


def test_a_difference_is_taken_apart_to_what_is_left(run):
    bridge = notebook.bridge(run)
    assert notebook.are_bridged(bridge)
    assert column(bridge, "Amount") == [
        Decimal("4.96"),
        Decimal("5.00"),
        Decimal("-0.01"),
        Decimal("-0.03"),
    ]


def test_a_part_that_is_missing_is_noticed(run):
    run.summary["proofs"][3]["explained_by"].clear()
    assert not notebook.are_bridged(notebook.bridge(run))


def test_a_proof_that_does_not_agree_says_so_in_words(run):
    assert column(notebook.safeguarding(run), "Result") == ["DOES NOT AGREE"]
    assert column(notebook.roll_forward(run), "Result") == ["agrees", "agrees"]


def test_the_gravest_discrepancy_comes_first(run):
    assert column(notebook.discrepancies(run), "Severity") == [
        "CRITICAL",
        "HIGH",
        "HIGH",
    ]


def test_a_finding_says_what_how_much_and_what_next(run):
    html = notebook.findings(notebook.discrepancies(run))._repr_html_()
    for part in (
        "AMOUNT_MISMATCH",
        "One cent is missing.",
        "Next: Compare both",
        "escrow-1",
    ):
        assert part in html
    assert '-0<span class="fraction" style="width:6.6ch">.01</span>' in html


def test_an_age_falls_in_the_auditors_buckets(tmp_path):
    hours = (0, 47, 48, 95, 96, 24 * 31, 24 * 91)
    rows = [made.discrepancy(age_hours=age, discrepancy_id=f"d{age}") for age in hours]
    ages = notebook.ageing(notebook.load(made.run(tmp_path, discrepancies=rows)))
    found = {row["Age"]: row["Count"] for row in ages.rows}
    assert found == {
        "0 to 1 d": 2,
        "2 to 3 d": 2,
        "4 to 7 d": 1,
        "31 to 60 d": 1,
        "over 90 d": 1,
    }


def test_a_source_that_nobody_announced_is_listed_as_missing(tmp_path):
    fault = made.discrepancy(
        "SOURCE_MISSING", None, None, currency=None, subject="bank_statement"
    )
    five = [made.announced(source) for source in made.SOURCES[:-1]]
    folder = made.run(tmp_path, discrepancies=[fault], verdict="INCOMPLETE", inputs=five)
    inputs = notebook.inputs(notebook.load(folder))
    states = {row["Source"]: row["State"] for row in inputs.rows}
    assert states["bank_statement"] == "MISSING"
    assert states["escrow_events"] == "read"


def test_a_cell_stands_below_its_own_heading():
    rows = [
        {"Name": "first", "Amount": Decimal("1.50")},
        {"Amount": None, "Name": "second"},
    ]
    html = Table(rows)._repr_html_()
    assert '<tr class="row"><td class="text short">second</td>' in html


def test_every_hash_is_shown_whole(run):
    inputs = notebook.inputs(run)
    assert notebook.shows_every_hash(inputs, run)
    for entry in run.summary["inputs"]:
        assert entry["sha256"] in inputs._repr_html_()


def test_a_long_table_says_that_it_is_cut(tmp_path):
    many = [made.waiting(subject=f"e{n}") for n in range(SHOWN_ROWS + 1)]
    table = notebook.in_transit(notebook.load(made.run(tmp_path, in_transit=many)))
    assert f"The first {SHOWN_ROWS} of {SHOWN_ROWS + 1} rows" in table._repr_html_()
    assert len(table.rows) == SHOWN_ROWS + 1


def test_labels_of_the_pictures_are_exact_text(run):
    waterfall = notebook.held_against_owed(run).figure
    assert list(waterfall.data[0].text) == [
        "+5.00 USD",
        "-0.01 USD",
        "-0.03 USD",
        "+4.96 USD",
    ]
    [title, *_] = waterfall.layout.annotations
    assert "we hold 4.96 USD more than we owe, 0.03 USD of it unexplained" in title.text
    shares = notebook.confirmed_shares(run).figure
    assert list(shares.data[0].text) == ["3 of 4", "933.80 USD of 1,000.00 USD"]
    assert "Stripe 93.38 %" in shares.layout.title.text


def test_every_axis_has_its_unit(run):
    assert "USD" in notebook.held_against_owed(run).figure.layout.xaxis.title.text
    assert "%" in notebook.confirmed_shares(run).figure.layout.xaxis.title.text


def test_a_single_rail_has_its_picture_too(tmp_path):
    run = notebook.load(made.run(tmp_path, proofs=[made.proof()]))
    [title, *_] = notebook.held_against_owed(run).figure.layout.annotations
    assert "what we hold equals what we owe" in title.text


def test_what_is_all_timing_is_said_to_be(tmp_path):
    timing = made.proof(difference=5_00, in_transit_minor=5_00, unexplained_minor=0)
    run = notebook.load(made.run(tmp_path, proofs=[timing]))
    [title, *_] = notebook.held_against_owed(run).figure.layout.annotations
    assert "all of it in transit" in title.text
