"""The commands about the audit trail: export it, verify it far from here, forget people."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toolkit.assembly import dsn_of
from toolkit.audit.note import NoteWrong, Verifier
from toolkit.audit.proof import DocumentWrong, told, verify
from toolkit.audit.reader import TrailReader
from toolkit.auditing import notary
from toolkit.infra.postgres import open_pool
from toolkit.infra.settings import Settings
from toolkit.operations.ends import DONE, REFUSED, USAGE, WAITING, complain

EPILOG = """
verify needs no server and no database: only the file, and the log's public key, which
`audit key` prints. exit status: 0 it is a whole trail, and all of it holds, 1 it holds as
far as can be said (only a part of a trail, as one event is, or no event at all; an event
in no checkpoint yet, no key given, an end that nobody signed), 2 something was changed,
added or put elsewhere, or removed from what claims to be whole, 64 wrong usage or no such
document
"""


def add_arguments(parser: Any) -> None:
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("verify", help="judge an exported trail or event, offline")
    check.add_argument("file", type=Path, help="the document; - is standard input")
    check.add_argument("--key", help="the log's public key, or a file that has it")
    out = verbs.add_parser("export", help="print a trail, or one event, with all proofs")
    out.add_argument("id", help="the escrow's or transaction's id, or an event's hash")
    verbs.add_parser("key", help="print the log's public key, for whoever verifies")


def run(chosen: argparse.Namespace, settings: Callable[[], Settings]) -> int:
    """Do what was chosen; only what asks a server reads the settings."""
    match chosen.verb:
        case "verify":
            return _verify(chosen)
        case "export":
            return asyncio.run(_export(chosen.id, settings()))
        case "key":
            print(notary(settings()).verifier.text)
            return DONE
        case unknown:
            raise AssertionError(f"no verb of audit: {unknown!r}")


def _verify(chosen: argparse.Namespace) -> int:
    try:
        verifier = _key(chosen.key) if chosen.key else None
        is_piped = str(chosen.file) == "-"
        text = sys.stdin.read() if is_piped else chosen.file.read_text(encoding="utf-8")
        verdict = verify(json.loads(text), verifier)
    except NoteWrong as wrong:
        return complain(f"--key: {wrong}", USAGE)
    except OSError as failure:
        why = f"{chosen.file} cannot be read ({failure.strerror}); name a file that can"
        return complain(why, USAGE)
    except (DocumentWrong, ValueError, RecursionError) as wrong:
        why = f"{chosen.file} is no document of a trail: {wrong}. Make one: audit export"
        return complain(why, USAGE)
    shown = sys.stdout.encoding or "utf-8"
    lines = "\n".join(told(verdict)).encode(shown, "backslashreplace")
    print(lines.decode(shown))
    if not verdict.holds:
        return REFUSED
    return WAITING if verdict.doubts else DONE


def _key(given: str) -> Verifier:
    if "+" in given and not Path(given).is_file():
        return Verifier.parse(given)
    try:
        return Verifier.parse(Path(given).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise NoteWrong(
            f"{given} is neither a key nor a file with one: `audit key` prints it"
        ) from None


async def _export(id: str, settings: Settings) -> int:
    signer = notary(settings) if settings.audit_signing_key else None
    async with open_pool(dsn_of(settings, "audit"), "audit", size_max=2) as pool:
        reader = TrailReader(pool, signer)
        found = await reader.trail(id) or await reader.event(id)
    if found is None:
        why = f"there is no trail and no event {id!r}: name an escrow, or an event's hash"
        return complain(why, REFUSED)
    print(json.dumps(found, indent=1, ensure_ascii=False))
    return DONE
