"""How an export is written, where the manifest says that it differs from the usual form."""

from __future__ import annotations

import codecs
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from recon.faults import SourceCorruptError

# The first of a source's formats is the usual one. A version may follow: camt.053.001.08.
FORMATS: Mapping[str, tuple[str, ...]] = {
    "escrow_events": ("parquet",),
    "stripe_activity": ("balance_change_from_activity.itemized",),
    "stripe_summary": ("balance.summary",),
    "stripe_payouts": ("payouts.itemized", "payout_reconciliation.itemized"),
    "custodian_transactions": ("canonical", "circle", "circle_mint", "fireblocks"),
    "bank_statement": ("camt.053", "mt940", "bai2", "statement_csv"),
}
KINDS_OF_FILE = ("csv", "xml", "parquet")  # said of the usual form, it changes nothing
DELIMITERS = (",", ";", "\t", "|")
SEPARATORS = (".", ",")
DECIMALS = range(31)  # no token has more
UNITS = ("major", "minor")


@dataclass(frozen=True, slots=True)
class Asset:
    """What a custodian's own word for an asset stands for."""

    asset: str
    chain_id: str
    token_contract: str | None
    decimals: int


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read a file. Nothing of it is guessed from what an amount looks like."""

    format: str
    timezone: str | None
    encoding: str
    delimiter: str
    decimal_separator: str
    units: str
    currency: str | None
    assets: tuple[tuple[str, Asset], ...]

    @property
    def is_utf8(self) -> bool:
        """Whether the file can be read as it lies there."""
        return self.encoding == "utf-8"


def read_dialect(source: str, entry: Mapping[str, Any]) -> Dialect:
    """What a manifest's entry says of the way its file is written; the rest is as usual."""
    return Dialect(
        format=_format(source, entry.get("format")),
        timezone=_timezone(source, entry.get("timezone")),
        encoding=_encoding(source, entry.get("encoding", "utf-8")),
        delimiter=_one_of(source, entry, "delimiter", DELIMITERS),
        decimal_separator=_one_of(source, entry, "decimal_separator", SEPARATORS),
        units=_one_of(source, entry, "units", UNITS),
        currency=None if entry.get("currency") is None else str(entry["currency"]).upper(),
        assets=tuple(
            (str(code), _asset(source, code, said))
            for code, said in sorted(dict(entry.get("assets") or {}).items())
        ),
    )


def _format(source: str, said: object) -> str:
    known = FORMATS[source]
    name = str(said or known[0]).casefold()
    if name in KINDS_OF_FILE:
        return known[0]
    for format in known:
        if name == format or name.startswith(f"{format}."):
            return format
    raise _unknown(source, "format", said, known)


def _timezone(source: str, said: object) -> str | None:
    """A zone of the IANA database; in its absence only columns of UTC can be read."""
    if said is None:
        return None
    try:
        return ZoneInfo(str(said)).key
    except (OSError, ValueError, KeyError) as error:
        raise _unknown(source, "timezone", said, ("Etc/UTC", "America/New_York")) from error


def _encoding(source: str, said: object) -> str:
    try:
        name = codecs.lookup(str(said)).name.removesuffix("-sig")
        # What turns bytes into bytes, such as hex, encodes no text.
        io.TextIOWrapper(io.BytesIO(), encoding=name).close()
    except (LookupError, ValueError) as error:
        raise _unknown(
            source, "encoding", said, ("utf-8", "utf-16", "windows-1252")
        ) from error
    return name


def _one_of(source: str, entry: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
    said = entry.get(key, known[0])
    if said not in known:
        raise _unknown(source, key, said, known)
    return str(said)


def _asset(source: str, code: str, said: Mapping[str, Any]) -> Asset:
    try:
        contract = said.get("token_contract")
        return Asset(
            asset=str(said["asset"]).upper(),
            chain_id=str(said["chain_id"]),
            token_contract=None if contract is None else str(contract),
            decimals=_decimals(said["decimals"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceCorruptError(
            f"manifest.json: {source}: assets {code!r}: {error}; give asset, chain_id,"
            " token_contract (null for the chain's own coin) and decimals"
        ) from error


def _decimals(said: object) -> int:
    decimals = int(str(said))
    if decimals not in DECIMALS:
        raise ValueError(f"decimals {decimals} lies outside 0 to {DECIMALS[-1]}")
    return decimals


def _unknown(
    source: str, key: str, said: object, known: tuple[str, ...]
) -> SourceCorruptError:
    return SourceCorruptError(
        f"manifest.json: {source}: {key} {said!r} is not known;"
        f" write {', '.join(map(repr, known))}"
    )
