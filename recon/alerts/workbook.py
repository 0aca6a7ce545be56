"""The discrepancies as a workbook (XLSX) for people: typed cells, and no cent is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from recon.alerts.findings import Finding, Findings, major, rfc3339, shortened
from recon.alerts.spreadsheet import neutralised
from recon.currencies import places_of
from recon.pages.amounts import in_major_units

# A workbook's numbers are doubles: every decimal of so many digits comes back as it was.
DIGITS_MAX = 15
TEXT_MAX = 32_767
ROWS_MAX = 1_048_575  # of a sheet, less the heading
WIDTHS = {"explanation": 70, "nearest_candidate": 40, "subject": 38, "discrepancy_id": 30}
WIDTH = 17
WRITTEN_AT = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
MOMENT = "yyyy-mm-dd hh:mm:ss"
COLUMNS = (
    *("severity", "state", "code", "rail", "subject", "provider_ref", "event_id"),
    *("expected", "actual", "difference", "currency"),
    *("expected_minor", "actual_minor", "difference_minor"),
    *("occurred_at", "first_seen", "age_hours", "owner", "explanation"),
    *("nearest_candidate", "rule", "discrepancy_id"),
)
PRECISION = (
    "Amounts are exact. One of more than 15 digits stands as text, since a workbook's"
    " numbers keep no more; the columns in minor units are text always."
)
CONVENTIONS = (
    "Moments are UTC. Signs are the provider's: money in is positive, money out negative."
)

Cell = str | int | Decimal | datetime | None


def write(findings: Findings, path: Path) -> None:
    """Write the workbook: the open ones first, the worst first; equal runs, equal bytes."""
    told = (*findings.all, *findings.gone)
    ranked = sorted(told, key=lambda found: (not found.is_open, found.weight))
    with Workbook(path, {"constant_memory": True}) as book:
        # The moment of writing is no part of what was found.
        book.set_properties({"created": WRITTEN_AT})
        _about(book, findings)
        for first in range(0, max(len(ranked), 1), ROWS_MAX):
            name = f"Discrepancies {first // ROWS_MAX + 1}" if first else "Discrepancies"
            _sheet(book, name, ranked[first : first + ROWS_MAX])


def row(finding: Finding) -> dict[str, Cell]:
    """A record of the workbook, typed."""
    return {
        name: getattr(finding, name)
        for name in COLUMNS
        if name not in {"expected", "actual", "difference", "first_seen"}
    } | {
        "expected": _amount(finding.expected_minor, finding.currency),
        "actual": _amount(finding.actual_minor, finding.currency),
        "difference": _amount(finding.difference_minor, finding.currency),
        "expected_minor": _text(finding.expected_minor),
        "actual_minor": _text(finding.actual_minor),
        "difference_minor": _text(finding.difference_minor),
        "first_seen": finding.first_seen_at,
    }


def _text(minor: int | None) -> str | None:
    return None if minor is None else str(minor)


def _amount(minor: int | None, currency: str | None) -> Decimal | str | None:
    """A number where a double gives back every digit, else the same as text."""
    if minor is not None and len(str(abs(minor))) > DIGITS_MAX:
        return major(minor, currency)
    return in_major_units(minor, currency)


def _about(book: Workbook, findings: Findings) -> None:
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90, book.add_format({"text_wrap": True, "align": "left"}))
    lines = {
        "Business date": findings.business_date.isoformat(),
        "As of": rfc3339(findings.as_of),
        "Verdict": findings.verdict,
        "Run": findings.run_id,
        "Open discrepancies": str(len(findings.open)),
        "Settled by this run": str(
            len(findings.all) - len(findings.open) + len(findings.gone)
        ),
        "How to read it": PRECISION,
        "": CONVENTIONS,
    }
    for place, (name, value) in enumerate(lines.items()):
        sheet.write_string(place, 0, name, book.add_format({"bold": True}))
        sheet.write_string(place, 1, value)


def _sheet(book: Workbook, name: str, found: list[Finding]) -> None:
    sheet = book.add_worksheet(name)
    sheet.activate()
    styles = _Styles(book)
    for column, title in enumerate(COLUMNS):
        sheet.set_column(column, column, WIDTHS.get(title, WIDTH))
        sheet.write_string(0, column, title, styles.of({"bold": True, "bottom": 1}))
    for place, finding in enumerate(found, start=1):
        cells = row(finding)
        for column, title in enumerate(COLUMNS):
            style = styles.fitting(title, cells[title], finding.currency)
            _write(sheet, (place, column), cells[title], style)
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, len(found), len(COLUMNS) - 1)


def _write(sheet: Worksheet, at: tuple[int, int], cell: Cell, style: Format) -> None:
    """Every cell by its type: a text is written as text, whatever it begins with."""
    match cell:
        case None:
            return
        case Decimal():
            sheet.write_number(*at, as_double(cell), style)
        case int():
            sheet.write_number(*at, cell, style)
        case datetime():
            sheet.write_datetime(*at, cell.replace(tzinfo=None), style)
        case str():
            sheet.write_string(*at, shortened(cell, TEXT_MAX), style)


def as_double(amount: Decimal) -> float:
    """The double of a cell; never one that another amount shares."""
    double = float(amount)
    if Decimal(repr(double)) != amount:
        raise ValueError(f"{amount} has more digits than a workbook's number keeps")
    return double


class _Styles:
    """A book's formats, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}

    def of(self, properties: dict[str, object]) -> Format:
        key = repr(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]

    def fitting(self, title: str, cell: Cell, currency: str | None) -> Format:
        match cell:
            case Decimal():
                places = places_of(currency or "")
                return self.of(
                    {"num_format": "#,##0" + ("." + "0" * places) * bool(places)}
                )
            case datetime():
                return self.of({"num_format": MOMENT})
            case str() if title in {"expected", "actual", "difference"}:
                return self.of({"align": "right"})
            case str() if title.endswith("_minor"):
                return self.of({"align": "right", "num_format": "@"})
            case str() if neutralised(cell) != cell:
                # Nor does it become a formula when somebody edits the cell.
                return self.of({"quote_prefix": True})
            case _:
                return self.of({})
