"""What the commands understand: every option, its meaning and its check."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NoReturn

from recon.collect import Collection
from recon.manifest import Position

WRONG_USAGE = 64
RUN_EXAMPLES = """
examples:
  python -m recon run --day 2026-11-19 --inputs in/19 --output out/19
  python -m recon run --day 2026-11-20 --inputs in/20 --output out/20 --state state.duckdb

exit status: 0 reconciled, 1 discrepancies found,
2 inputs incomplete or unreadable, 64 wrong usage
"""
COLLECT_EXAMPLES = """
examples:
  python -m recon collect --day 2026-11-19 --archive archive --exports exports/19 \\
      --output in/19 --own-funds STRIPE:USD:1250000:1248110
  python -m recon collect --day 2026-11-19 --archive archive --exports exports/19 \\
      --output in/19 --no-custodian-activity --no-bank-activity

amounts are whole minor units; an absent export is left out of the manifest (exit status 2)
unless you state that there was no activity
"""
REPORT_EXAMPLES = """
example:
  python -m recon report --run out/19
"""
VERIFY_EXAMPLES = """
examples:
  python -m recon verify out/19
  python -m recon verify out/19 --inputs in/19 --last-link 5d1f...

exit status: 0 every file is what the run wrote, 1 a file differs or is missing, 64 no run
"""


class Parser(argparse.ArgumentParser):
    """A parser that complains with 64, since 2 means incomplete inputs here."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to call it."""
        self.print_usage(sys.stderr)
        self.exit(WRONG_USAGE, f"{self.prog}: {message}\n")


def parser() -> Parser:
    """Every command with its options."""
    top = Parser(
        prog="python -m recon",
        description="Reconcile escrow events with what the providers report.",
        epilog=RUN_EXAMPLES + COLLECT_EXAMPLES + REPORT_EXAMPLES + VERIFY_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True)
    raw = argparse.RawDescriptionHelpFormatter
    run = commands.add_parser(
        "run", help="reconcile one business day", epilog=RUN_EXAMPLES, formatter_class=raw
    )
    run.add_argument(
        "--day", type=_day, required=True, help="the UTC business day, 2026-11-19"
    )
    run.add_argument(
        "--inputs", type=Path, required=True, help="a folder with a manifest.json"
    )
    run.add_argument("--output", type=Path, required=True, help="a folder for the results")
    run.add_argument("--state", type=Path, help="what is carried from one day to the next")
    _add_collect(
        commands.add_parser(
            "collect",
            help="gather a day's inputs",
            epilog=COLLECT_EXAMPLES,
            formatter_class=raw,
        )
    )
    report = commands.add_parser(
        "report",
        help="make the notebook and the HTML page of a run",
        epilog=REPORT_EXAMPLES,
        formatter_class=raw,
    )
    report.add_argument(
        "--run", type=Path, required=True, help="the --output folder of a run"
    )
    report.add_argument(
        "--html", type=Path, help="where the page goes; beside the run if not given"
    )
    _add_verify(
        commands.add_parser(
            "verify",
            help="tell whether a run's files are still what it wrote",
            epilog=VERIFY_EXAMPLES,
            formatter_class=raw,
        )
    )
    return top


def _add_verify(verify: argparse.ArgumentParser) -> None:
    add = verify.add_argument
    add("run", type=Path, metavar="RUN", help="the --output folder of a run")
    add("--inputs", type=Path, help="the run's inputs, to compare them as well")
    add(
        "--last-link",
        help="the last link of the chain as the run printed it and you kept it elsewhere",
    )


def _add_collect(collect: argparse.ArgumentParser) -> None:
    add = collect.add_argument
    add("--day", type=_day, required=True, help="the UTC business day, 2026-11-19")
    add(
        "--archive",
        type=Path,
        required=True,
        help="<topic>/<partition>/<first offset>.parquet",
    )
    add("--exports", type=Path, required=True, help="the providers' files of the day")
    add("--output", type=Path, required=True, help="a folder for the inputs")
    add(
        "--as-of",
        type=_moment,
        help="when the exports were made; noon after the day if left out",
    )
    add(
        "--stripe-account",
        default="acct_platform",
        help="the account of the Stripe exports",
    )
    add(
        "--custodian-account", default="vault", help="the account of the custodian's export"
    )
    add("--bank-account", default="bank", help="the account of the bank statement")
    add(
        "--own-funds",
        type=_position,
        action="append",
        default=[],
        metavar="RAIL:CURRENCY:OPENING:CLOSING[:HOLDING_OPENING:HOLDING_CLOSING]",
        help="the platform's own part of a holding, in minor units; may be repeated",
    )
    add(
        "--own-address",
        action="append",
        default=[],
        help="a wallet of ours; may be repeated",
    )
    add("--no-custodian-activity", action="store_true", help="the custodian moved nothing")
    add("--no-bank-activity", action="store_true", help="the bank account did not move")


def collection(given: argparse.Namespace) -> Collection:
    """What `collect` was asked for."""
    noon_after = datetime(given.day.year, given.day.month, given.day.day, 12, tzinfo=UTC)
    stripe = dict.fromkeys(
        ("stripe_activity", "stripe_summary", "stripe_payouts"), given.stripe_account
    )
    stated = {
        "custodian_transactions": given.no_custodian_activity,
        "bank_statement": given.no_bank_activity,
    }
    return Collection(
        day=given.day,
        archive=given.archive,
        exports=given.exports,
        output=given.output,
        as_of=given.as_of or noon_after + timedelta(days=1),
        accounts={
            "escrow_events": "escrow-platform",
            "custodian_transactions": given.custodian_account,
            "bank_statement": given.bank_account,
            **stripe,
        },
        positions=tuple(given.own_funds),
        own_addresses=tuple(given.own_address),
        without=frozenset(source for source, is_stated in stated.items() if is_stated),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write 2026-11-19") from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no moment; write 2026-11-20T12:00:00Z"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _position(text: str) -> Position:
    rail, _, rest = text.partition(":")
    currency, *amounts = rest.split(":")
    try:
        minors = [int(amount) for amount in amounts]
    except ValueError:
        minors = []
    if rail not in {"STRIPE", "CUSTODIAN"} or len(minors) not in {2, 4}:
        raise argparse.ArgumentTypeError(
            f"{text!r}; write STRIPE:USD:1250000:1248110, amounts in minor units"
        )
    opening, closing, *holding = minors
    return Position(
        rail=rail,
        currency=currency.upper(),
        own_funds_opening_minor=opening,
        own_funds_closing_minor=closing,
        holding_opening_minor=holding[0] if holding else None,
        holding_closing_minor=holding[1] if holding else None,
    )
