"""The workbook that a person opens: typed, exact, and no cell of it ever calculates."""

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from recon.alerts import SCHEMAS, workbook
from tests.recon.test_alerts import PLAIN, findings, numbered

SCHEMA = Draft202012Validator(json.loads((SCHEMAS / "workbook.schema.json").read_text()))
# A workbook takes its time to be written and read.
FEW = settings(max_examples=30, deadline=None)
PLACES = {"USD": 2, "USDC": 6, "JPY": 0}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("workbook") / "discrepancies.xlsx"


def sheet_of(path, *found):
    workbook.write(findings(*found), path)
    return openpyxl.load_workbook(path)["Discrepancies"]


def rows(sheet):
    """Each row as its schema describes it, read by somebody else's reader."""
    titles, *cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    found = [
        {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in zip(titles, row, strict=True)
        }
        for row in cells
    ]
    for row in found:
        SCHEMA.validate(row)
    return found


def test_amounts_are_numbers_and_moments_are_moments(place):
    sheet = sheet_of(place, PLAIN)
    cells = {title.value: cell for title, cell in zip(*sheet.iter_rows(), strict=True)}
    assert (cells["difference"].value, cells["difference"].number_format) == (
        -0.05,
        "#,##0.00",
    )
    assert cells["first_seen"].value == datetime(2026, 11, 20, 12)  # noqa: DTZ001 - a workbook knows no zone
    assert cells["age_hours"].value == 33


def test_the_header_stays_and_every_column_can_be_filtered(place):
    sheet = sheet_of(place, PLAIN)
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref == sheet.dimensions


def test_the_open_ones_come_first_and_of_them_the_gravest(place):
    first, second, third = numbered(3)
    found = rows(
        sheet_of(
            place,
            replace(first, severity="LOW"),
            replace(second, severity="CRITICAL", state="RESOLVED"),
            replace(third, severity="CRITICAL"),
        )
    )
    assert [(row["severity"], row["state"]) for row in found] == [
        ("CRITICAL", "OPEN"),
        ("LOW", "OPEN"),
        ("CRITICAL", "RESOLVED"),
    ]


@FEW
@given(
    minor=st.integers(-(10**20), 10**20), currency=st.sampled_from(["USD", "USDC", "JPY"])
)
def test_no_cent_is_lost_whatever_its_digits(place, minor, currency):
    found = replace(PLAIN, difference_minor=minor, currency=currency)
    [row] = rows(sheet_of(place, found))
    shown = row["difference"]
    assert Decimal(str(shown)) == Decimal(f"{minor}E-{PLACES[currency]}")
    assert isinstance(shown, str) == (len(str(abs(minor))) > 15)
    assert row["difference_minor"] == str(minor)


@FEW
@given(text=st.text(alphabet="=+-@\t \uff1d'\",a1_x00FD\U0001f600", min_size=1))
def test_no_cell_is_a_formula_and_no_text_is_lost(place, text):
    sheet = sheet_of(place, replace(PLAIN, subject=text, provider_ref=text))
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert rows(sheet)[0]["subject"] == text


def test_a_text_that_looks_like_a_formula_stays_one_when_it_is_edited(place):
    sheet = sheet_of(place, replace(PLAIN, subject="=1+1"))
    assert sheet["E2"].quotePrefix


def test_a_day_without_discrepancies_has_a_heading_and_a_cover(place):
    assert rows(sheet_of(place)) == []
    cover = openpyxl.load_workbook(place)["About"]
    assert [cell.value for cell in cover["B"]][:3] == [
        "2026-11-19",
        "2026-11-20T12:00:00Z",
        "EXCEPTIONS",
    ]


def test_equal_findings_give_equal_bytes(place):
    sheet_of(place, PLAIN)
    first = place.read_bytes()
    sheet_of(place, PLAIN)
    assert place.read_bytes() == first


def test_an_amount_that_a_number_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="more digits"):
        workbook.as_double(Decimal("12345678901234.567891"))
