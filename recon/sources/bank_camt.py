"""The bank's camt.053 statement, whatever version of the schema."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import parse

from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources.bank_line import NOT_GIVEN, Line
from recon.sources.text import check_count

BALANCES = {"OPBD": "opening", "CLBD": "closing"}


def lines(file: InputFile) -> list[Line]:
    """Every balance and entry; what would expand entities is refused."""
    root = _root(file)
    check_count(file, len(_every(root, "Ntry")))
    return list(_lines(file, root))


def entries(file: InputFile) -> int:
    """How many entries the statement has, booked or not."""
    return len(_every(_root(file), "Ntry"))


def first_days(file: InputFile) -> list[str]:
    """The day from which it speaks, as it says itself; else every day of booking."""
    root = _root(file)
    begun = [*_every(root, "FrDtTm"), *_every(root, "FrDt")]
    booked = [child for element in _every(root, "BookgDt") for child in element]
    return [(element.text or "").strip() for element in begun or booked]


def _root(file: InputFile) -> Element:
    try:
        root: Element = parse(file.path).getroot()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise SourceCorruptError(
            f"{file.name}: not readable as XML: {error}; transfer the file again"
        ) from error
    return root


def _lines(file: InputFile, root: Element) -> Iterator[Line]:
    statements = _every(root, "Stmt")
    if not statements:
        raise SourceCorruptError(f"{file.name}: no Stmt in it; export a camt.053 statement")
    entry_number = 0
    for number, statement in enumerate(statements, start=1):
        name = _text(statement, "Id") or str(number)
        yield from _balances(file, statement, name)
        for entry in _children(statement, "Ntry"):
            entry_number += 1
            yield from _entry(entry, name, entry_number)


def _balances(file: InputFile, statement: Element, name: str) -> Iterator[Line]:
    found = set()
    for balance in _children(statement, "Bal"):
        kind = BALANCES.get(_text(balance, "Tp", "CdOrPrtry", "Cd") or "")
        if kind:
            found.add(kind)
            yield _line(balance, name, kind, 0)
    for code, kind in BALANCES.items():
        if kind not in found:
            raise SourceCorruptError(
                f"{file.name}: statement {name}: no {code} balance;"
                " export the statement with booked balances"
            )


def _entry(entry: Element, statement: str, row: int) -> Iterator[Line]:
    """One line an entry, or one a detail where a batch states the amount of each."""
    details = [
        detail
        for part in _children(entry, "NtryDtls")
        for detail in _children(part, "TxDtls")
    ]
    amounts = [_amount(detail) for detail in details]
    if len(details) > 1 and all(amount is not None for amount in amounts):
        for detail, amount in zip(details, amounts, strict=True):
            yield _line(entry, statement, "entry", row, detail=detail, amount=amount)
    else:
        only = details[0] if len(details) == 1 else None
        yield _line(entry, statement, "entry", row, detail=only)


def _amount(detail: Element) -> Element | None:
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        found = _find(detail, *path)
        if found is not None:
            return found
    return None


def _line(
    element: Element,
    statement: str,
    kind: str,
    row: int,
    *,
    detail: Element | None = None,
    amount: Element | None = None,
) -> Line:
    stated = amount if amount is not None else _find(element, "Amt")
    end_to_end = _text(detail, "Refs", "EndToEndId") if detail is not None else None
    direction = (
        _text(detail, "CdtDbtInd") if amount is not None and detail is not None else None
    )
    return Line(
        row=row,
        statement=statement,
        kind=kind,
        entry_ref=_text(element, "NtryRef") or _text(element, "AcctSvcrRef"),
        amount=(stated.text or "").strip() if stated is not None else None,
        currency=stated.get("Ccy") if stated is not None else None,
        direction=direction or _text(element, "CdtDbtInd"),
        status=_text(element, "Sts", "Cd") or _text(element, "Sts"),
        booked_on=_text(element, "BookgDt", "Dt") or _text(element, "BookgDt", "DtTm"),
        end_to_end_id=None if (end_to_end or "") in NOT_GIVEN else end_to_end,
        is_reversal=_text(element, "RvslInd") in {"true", "1"},
    )


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if _local(child) == name]


def _every(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if _local(element) == name]


def _find(element: Element, *path: str) -> Element | None:
    found: Element | None = element
    for name in path:
        found = next(iter(_children(found, name)), None) if found is not None else None
    return found


def _text(element: Element, *path: str) -> str | None:
    found = _find(element, *path)
    return (found.text or "").strip() or None if found is not None else None
