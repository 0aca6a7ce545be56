"""`collect`: gather a day's inputs from the event archive and the providers' exports."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from recon.collect import Collection, collect
from recon.exported import check_dialect
from recon.faults import SourceCorruptError, SourceMissingError, WrongUsageError
from recon.pulling.stripe_account import KEY, StripeAccess, key_of
from recon.pulling.stripe_report import PULLS
from recon.verbs.arguments import INCOMPLETE, day, moment, position, written

HELP = "gather a day's inputs"
EXAMPLES = """
examples:
  python -m recon collect --day 2026-11-19 --archive archive --exports exports/19 \\
      --output in/19 --own-funds STRIPE:USD:1250000:1248110
  python -m recon collect --day 2026-11-19 --archive archive --exports exports/19 \\
      --output in/19 --no-custodian-activity --no-bank-activity
  RECON_STRIPE_API_KEY_FILE=key python -m recon collect --day 2026-11-19 \\
      --archive archive --exports exports/19 --output in/19 \\
      --pull stripe_activity --pull stripe_payouts
  python -m recon collect --day 2026-11-19 --archive archive --exports exports/19 \\
      --output in/19 --as stripe_activity:timezone=America/New_York \\
      --as bank_statement:format=mt940

an export is the file of its source's name, whatever its ending: stripe_activity.csv,
bank_statement.xml, bank_statement.sta

--pull asks Stripe's API, of a day that has ended, for what the report would say; the
summary is a report that Stripe itself writes (report runs), which takes minutes

amounts are whole minor units; an absent export is left out of the manifest (exit status 2)
unless you state that there was no activity
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add_day(parser)
    parser.add_argument(
        "--output", type=Path, required=True, help="a folder for the inputs"
    )


def add_day(parser: argparse.ArgumentParser) -> None:
    """Say what is to be gathered."""
    add = parser.add_argument
    add("--day", type=day, required=True, help="the UTC business day, 2026-11-19")
    add(
        "--archive",
        type=Path,
        required=True,
        help="<topic>/<partition>/<first offset>.parquet",
    )
    add("--exports", type=Path, required=True, help="the providers' files of the day")
    add(
        "--as-of",
        type=moment,
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
    _add_further(parser)


def _add_further(parser: argparse.ArgumentParser) -> None:
    """Say what only the caller knows of the day and its files."""
    add = parser.add_argument
    add(
        "--own-funds",
        type=position,
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
    add(
        "--pull",
        choices=sorted(PULLS),
        action="append",
        default=[],
        help=f"take this source from Stripe's API, whose key is in {KEY}, or in the file"
        f" that {KEY}_FILE names; may be repeated; an export of that name is not read",
    )
    add("--stripe-url", metavar="URL", help="ask a sandbox instead of Stripe itself")
    add(
        "--as",
        dest="written",
        type=written,
        action="append",
        default=[],
        metavar="SOURCE:KEY=VALUE",
        help="how a source's file is written, for the manifest: format, timezone, encoding,"
        " delimiter (a tab is \\t), decimal_separator, units, currency, assets (JSON);"
        " may be repeated",
    )
    add("--no-custodian-activity", action="store_true", help="the custodian moved nothing")
    add("--no-bank-activity", action="store_true", help="the bank account did not move")


def do(given: argparse.Namespace) -> int:
    """Gather, say what is missing, and give the exit status."""
    asked = collection(given)
    try:
        missing = collect(asked)
    except SourceMissingError as error:
        print(f"python -m recon: {error}", file=sys.stderr)
        return INCOMPLETE
    for source in missing:
        print(f"  {source} is missing in {asked.exports}; export it", file=sys.stderr)
    print(f"{asked.day}  inputs in {asked.output}")
    return INCOMPLETE if missing else 0


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
        written=_written(given),
        stripe=_stripe(given),
    )


def _written(given: argparse.Namespace) -> dict[str, dict[str, object]]:
    """What is said of each source's file, once a key."""
    said: dict[str, dict[str, object]] = {}
    for source, key, value in given.written:
        if key in said.setdefault(source, {}):
            raise WrongUsageError(f"--as says {source}:{key} twice")
        said[source][key] = value
    for source, entry in said.items():
        try:
            check_dialect(source, entry)
        except SourceCorruptError as error:
            raise WrongUsageError(
                f"--as {str(error).removeprefix('manifest.json: ')}"
            ) from error
        if source in given.pull:
            raise WrongUsageError(f"--as {source}: what is pulled is written as usual")
    return said


def _stripe(given: argparse.Namespace) -> StripeAccess | None:
    """Whom to ask for what the exports do not hold."""
    if not given.pull:
        if given.stripe_url:
            raise WrongUsageError("--stripe-url says whom to --pull from; give --pull too")
        return None
    return StripeAccess(key_of(os.environ), given.stripe_url, frozenset(given.pull))
