"""Read `manifest.json` and hold every file against what the manifest says about it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any

from recon.dialect import Dialect, read_dialect
from recon.faults import SourceCorruptError, SourceFault, SourceMissingError

SOURCES = (
    "escrow_events",
    "stripe_activity",
    "stripe_summary",
    "stripe_payouts",
    "custodian_transactions",
    "bank_statement",
)
OF_STRIPE = ("stripe_activity", "stripe_summary", "stripe_payouts")
CHUNK_BYTES = 1 << 20
RAILS = ("STRIPE", "CUSTODIAN")
MINOR_MAX = 10**37  # more is no exact decimal of ours
OFFSET_MAX = (1 << 63) - 1
YEARS = range(1970, 2200)
MISTAKES = (
    *(ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError),
)


@dataclass(frozen=True, slots=True)
class InputFile:
    """One export as the manifest announces it."""

    source: str
    path: Path
    name: str
    account: str
    interval_start: datetime
    interval_end: datetime
    sha256: str
    rows: int | None
    """As announced; none only while somebody counts them for the manifest."""
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Position:
    """How much of a holding is the platform's own; at the custodian also the holding."""

    rail: str
    currency: str
    own_funds_opening_minor: int
    own_funds_closing_minor: int
    holding_opening_minor: int | None
    holding_closing_minor: int | None


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """Offsets of the day itself, of which the extract is complete."""

    topic: str
    partition: int
    first_offset: int
    last_offset: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The inputs of one business day."""

    business_date: date
    as_of: datetime
    files: Mapping[str, InputFile]
    positions: tuple[Position, ...]
    offset_ranges: tuple[OffsetRange, ...] | None
    own_addresses: tuple[str, ...]
    sha256: str


def read_manifest(folder: Path, day: date) -> tuple[Manifest, list[SourceFault]]:
    """The manifest and the faults of single sources; an unusable manifest is raised."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise SourceMissingError(
            f"{path} is not there; give --inputs a folder with a manifest.json"
        )
    try:
        raw = path.read_bytes()
        document = json.loads(raw)
        manifest, faults = _manifest(document, folder, hashlib.sha256(raw).hexdigest())
    except OSError as error:
        raise SourceCorruptError(_cannot_be_read("manifest.json", error)) from error
    except MISTAKES as error:
        raise SourceCorruptError(
            f"manifest.json: {type(error).__name__}: {error}; export the manifest again"
        ) from error
    if manifest.business_date != day:
        raise SourceCorruptError(
            f"manifest.json: business_date is {manifest.business_date},"
            f" but --day asks for {day}; give the folder of that day"
        )
    return manifest, faults


def _cannot_be_read(name: str, error: OSError) -> str:
    return f"{name}: cannot be read ({error.strerror}); let this user read it"


def _manifest(
    document: dict[str, Any], folder: Path, sha256: str
) -> tuple[Manifest, list[SourceFault]]:
    files: dict[str, InputFile] = {}
    faults: list[SourceFault] = []
    for entry in document["files"]:
        source = str(entry["source"])
        if source not in SOURCES:
            continue
        if source in files:
            faults.append(
                _corrupt(source, "the manifest lists it twice; merge the exports")
            )
            continue
        try:
            files[source] = _input_file(entry, folder)
        except SourceCorruptError as error:
            faults.append(_corrupt(source, str(error)))
        except (KeyError, ValueError, TypeError) as error:
            faults.append(_corrupt(source, f"manifest.json: bad or missing key {error}"))
    faults += _accounts_differ(files)
    listed = {*files, *(fault.source for fault in faults)}
    faults += [
        SourceFault("SOURCE_MISSING", source, f"{source} is not in the manifest; export it")
        for source in SOURCES
        if source not in listed
    ]
    ranges = document.get("offset_ranges")
    day, as_of = date.fromisoformat(document["business_date"]), _instant(document["as_of"])
    if as_of < datetime(day.year, day.month, day.day, tzinfo=UTC):
        raise ValueError(f"as_of {as_of:%Y-%m-%dT%H:%M:%SZ} is before {day} begins")
    return Manifest(
        business_date=day,
        as_of=as_of,
        files=files,
        positions=_positions(document.get("positions") or ()),
        offset_ranges=None if ranges is None else _ranges(ranges),
        own_addresses=tuple(
            str(address) for address in document.get("own_addresses") or ()
        ),
        sha256=sha256,
    ), faults


def _accounts_differ(files: Mapping[str, InputFile]) -> list[SourceFault]:
    """Three exports of one balance: of different accounts they prove nothing."""
    accounts = {name: files[name].account for name in OF_STRIPE if name in files}
    if len(set(accounts.values())) < 2:
        return []
    said = ", ".join(f"{source} is of {account}" for source, account in accounts.items())
    return [
        _corrupt(source, f"manifest.json: {said}; export all of Stripe's of one account")
        for source in accounts
    ]


def _account(entry: Mapping[str, Any]) -> str:
    """Our own events need no account; of what a provider exports it says whose it is."""
    said = entry.get("account")
    if said is None and entry["source"] == "escrow_events":
        return ""
    if not isinstance(said, str) or not said.strip():
        raise SourceCorruptError(
            f"manifest.json: account is {json.dumps(said)}; write the account's name"
        )
    return said


def _input_file(entry: Mapping[str, Any], folder: Path) -> InputFile:
    name = PurePath(str(entry["path"]))
    if name.is_absolute() or ".." in name.parts:
        raise SourceCorruptError(
            f"manifest.json: path {name} leads out of the manifest's folder;"
            " put the file beside the manifest"
        )
    return InputFile(
        source=entry["source"],
        path=folder / name,
        name=str(entry["path"]),
        account=_account(entry),
        interval_start=_instant(entry["interval_start"]),
        interval_end=_instant(entry["interval_end"]),
        sha256=str(entry["sha256"]).lower(),
        rows=_whole(entry["rows"]),
        dialect=read_dialect(entry["source"], entry),
    )


def _positions(entries: Iterable[Mapping[str, Any]]) -> tuple[Position, ...]:
    positions = tuple(_position(entry) for entry in entries)
    stated = Counter((each.rail, each.currency) for each in positions)
    for (rail, currency), times in stated.items():
        if times > 1:
            raise ValueError(f"positions state {rail} {currency} {times} times")
    return positions


def _position(entry: Mapping[str, Any]) -> Position:
    rail = str(entry["rail"]).upper()
    if rail not in RAILS:
        raise ValueError(f"positions: rail {rail!r} is none of {', '.join(RAILS)}")
    return Position(
        rail=rail,
        currency=str(entry["currency"]).upper(),
        own_funds_opening_minor=_whole(entry["own_funds_opening_minor"]),
        own_funds_closing_minor=_whole(entry["own_funds_closing_minor"]),
        holding_opening_minor=_whole_or_none(entry.get("holding_opening_minor")),
        holding_closing_minor=_whole_or_none(entry.get("holding_closing_minor")),
    )


def _range(entry: Mapping[str, Any]) -> OffsetRange:
    return OffsetRange(
        topic=str(entry["topic"]),
        partition=_whole(entry["partition"], OFFSET_MAX),
        first_offset=_whole(entry["first_offset"], OFFSET_MAX),
        last_offset=_whole(entry["last_offset"], OFFSET_MAX),
    )


def _ranges(entries: Iterable[Mapping[str, Any]]) -> tuple[OffsetRange, ...]:
    """Ranges that go forward and do not overlap: else a gap is judged twice, or never."""
    ranges = tuple(_range(entry) for entry in entries)
    for each in ranges:
        if not 0 <= each.first_offset <= each.last_offset:
            raise ValueError(f"offset_ranges: {_said(each)} ends before it begins")
    ordered = sorted(ranges, key=lambda r: (r.topic, r.partition, r.first_offset))
    for one, next_one in pairwise(ordered):
        is_same = (one.topic, one.partition) == (next_one.topic, next_one.partition)
        if is_same and next_one.first_offset <= one.last_offset:
            raise ValueError(f"offset_ranges: {_said(one)} and {_said(next_one)} overlap")
    return ranges


def _said(span: OffsetRange) -> str:
    return f"{span.topic}/{span.partition} {span.first_offset} to {span.last_offset}"


def _whole(value: object, most: int = MINOR_MAX) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    if abs(value) > most:
        raise ValueError(f"{value} is larger than any amount or offset")
    return value


def _whole_or_none(value: object) -> int | None:
    return None if value is None else _whole(value)


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.year not in YEARS:
        raise ValueError(f"{text} lies outside the years {YEARS[0]} to {YEARS[-1]}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _corrupt(source: str, explanation: str) -> SourceFault:
    return SourceFault("SOURCE_CORRUPT", source, f"{source}: {explanation}")


def check_file(file: InputFile, day: date) -> None:
    """Refuse a file that is absent, altered, or does not cover the day."""
    if not file.path.is_file():
        raise SourceMissingError(f"{file.name} is not there; export {file.source} again")
    starts_at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if file.interval_start > starts_at or file.interval_end < starts_at + timedelta(days=1):
        raise SourceCorruptError(
            f"{file.name}: its interval {file.interval_start:%Y-%m-%dT%H:%M:%SZ} to"
            f" {file.interval_end:%Y-%m-%dT%H:%M:%SZ} does not cover {day};"
            " export the whole day"
        )
    if not file.path.stat().st_size:
        raise SourceCorruptError(
            f"{file.name}: the file is empty, not even a header is in it; an export without"
            " activity has one, so export it again"
        )
    try:
        found = file_sha256(file.path)
    except OSError as error:
        raise SourceCorruptError(_cannot_be_read(file.name, error)) from error
    if found != file.sha256:
        raise SourceCorruptError(
            f"{file.name}: sha256 is {found}, the manifest says {file.sha256};"
            " transfer the file again"
        )


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
