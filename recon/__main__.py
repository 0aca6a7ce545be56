"""The command line of reconciliation; each verb has a file of its own in `recon.verbs`."""

from __future__ import annotations

import argparse
import importlib
import sys
import traceback
from collections.abc import Iterable, Sequence
from types import ModuleType

import duckdb

from recon.faults import IncompleteInputsError, WrongUsageError
from recon.verbs.arguments import INCOMPLETE, WRONG_USAGE, Parser

VERBS = (
    "check",
    "collect",
    "compare-events",
    "run",
    "daily",
    "report",
    "send",
    "sign",
    "verify",
    "explain",
    "investigate",
    "diff",
    "history",
)
OUR_MISTAKE = 70  # as sysexits.h says; 1 and 2 are verdicts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    # What only another verb needs takes seconds to load, and is left alone.
    asked = [word for word in words[:1] if word in VERBS]
    given = parser(asked or VERBS).parse_args(words)
    try:
        status: int = given.do(given)
    except WrongUsageError as error:
        print(f"python -m recon: {error}", file=sys.stderr)
        is_input = isinstance(error, IncompleteInputsError)
        return INCOMPLETE if is_input else WRONG_USAGE
    except duckdb.OutOfMemoryException:
        print(
            "python -m recon: DuckDB has not enough memory, and nothing was decided;"
            " give a higher --memory-limit (2GB), or take a larger machine",
            file=sys.stderr,
        )
        return WRONG_USAGE
    except (OSError, duckdb.IOException) as error:
        said = str(error).splitlines()[0]
        print(f"python -m recon: {said}; see that it can be written", file=sys.stderr)
        return WRONG_USAGE
    except Exception as mistake:  # noqa: BLE001 - its exit status must be no verdict
        traceback.print_exc()
        print(
            f"python -m recon: {type(mistake).__name__} is our mistake: nothing was "
            "decided. Report the lines above",
            file=sys.stderr,
        )
        return OUR_MISTAKE
    return status


def parser(names: Iterable[str] = VERBS) -> Parser:
    """The commands of these names, each with its options."""
    verbs = {name: _verb(name) for name in names}
    top = Parser(
        prog="python -m recon",
        description="Reconcile escrow events with what the providers report.",
        epilog="".join(verb.EXAMPLES for verb in verbs.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True)
    for name, verb in verbs.items():
        command = commands.add_parser(
            name,
            help=verb.HELP,
            description=f"{verb.HELP}.".capitalize(),
            epilog=verb.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        verb.add_options(command)
        command.set_defaults(do=verb.do)
    return top


def _verb(name: str) -> ModuleType:
    return importlib.import_module(f"recon.verbs.{name.replace('-', '_')}")


if __name__ == "__main__":
    sys.exit(main())
