"""Drive the platform as its people would, and say whether it keeps what is promised."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from loadtests import profiles
from loadtests.judge import DEFAULT, Verdict, objectives
from loadtests.orders import Orders
from loadtests.profiles import MIXES, SHAPES, ProfileWrong
from loadtests.run import GeneratorFailed, Wanted, run
from loadtests.stand import Stand, elsewhere, embedded, local
from sims.__main__ import Arguments
from sims.ground import emptied

PASSED, FAILED, WRONG_USAGE, NO_RESULT = 0, 1, 64, 69
MARK = ".loadtests"  # says that a folder is ours to empty
NEEDS_PROVIDER = {"escrow", "refunded"}
EXAMPLES = """
examples:
  python -m loadtests run --embedded --mix journeys --rate 5 --seconds 30 --seed 7
  python -m loadtests run --embedded --shape spike --rate 4 --seconds 60
  python -m loadtests run --env out/embedded/platform.env --provider http://127.0.0.1:12111
  python -m loadtests run --host https://staging.example --tokens tokens.json --mix reading
  python -m loadtests list

exit codes:
  0  all that was asked was kept, and every cent is there    1  something was not
  64 the command line or a file is wrong    69 there is no result to judge
"""


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    asked = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that our servers end too
    try:
        match asked.ask:
            case "list":
                return _list()
            case _:
                return _run(asked)
    except ProfileWrong as wrong:
        print(wrong, file=sys.stderr)
        return WRONG_USAGE
    except (GeneratorFailed, RuntimeError) as failure:
        print(failure, file=sys.stderr)
        return NO_RESULT


def _run(asked: argparse.Namespace) -> int:
    shape = profiles.shape(asked.shape)
    name = asked.mix or shape.mix or "journeys"
    mix, goals = profiles.mix(name), objectives(asked.objectives)
    if not asked.embedded and not asked.provider and NEEDS_PROVIDER & set(mix):
        raise ProfileWrong(
            f"the mix {name} pays: say with --provider where, or choose --mix reading"
        )
    if asked.host and asked.kafka_rate:
        raise ProfileWrong("--kafka-rate needs a broker: it goes with --embedded or --env")
    if asked.host and not asked.tokens:
        raise ProfileWrong("--host needs --tokens: who calls, as your provider knows them")
    folder = _folder(asked.output)
    with _stand(asked, folder) as stand:
        orders = Orders(
            host=stand.host,
            output=str(folder.absolute()),
            seed=asked.seed,
            run=f"load-{asked.seed}-{int(time.time())}",
            segments=shape.segments(asked.rate, asked.seconds),
            journeys=mix,
            people=stand.people,
            provider=stand.provider,
            provider_key=stand.provider_key,
            webhook_secret=stand.webhook_secret,
            workers=asked.workers,
            closed_users=asked.closed_users,
            in_flight_max=asked.in_flight_max,
            kafka_rate_per_s=asked.kafka_rate,
            platform_env=str(stand.env or ""),
        )
        wanted = Wanted(
            orders=orders, shape=shape, mix=name, rate_per_s=asked.rate, objectives=goals
        )
        verdict = run(wanted, stand, folder, _tell)
    return _told(verdict, folder)


def _told(verdict: Verdict, folder: Path) -> int:
    for promise in verdict.promises:
        print(promise)
    for finding in verdict.findings:
        print(f"BROKEN {finding}")
    print(f"verdict: {'PASSED' if verdict.passed else 'FAILED'}; see {folder}/report.html")
    return PASSED if verdict.passed else FAILED


@contextmanager
def _stand(asked: argparse.Namespace, folder: Path) -> Iterator[Stand]:
    if asked.embedded:
        _tell(f"starting the platform (logs in {folder})")
        with embedded(folder, asked.seed) as stand:
            yield stand
    elif asked.env:
        try:
            yield local(
                asked.env,
                provider=asked.provider,
                provider_key="sk_test_loadtests",
                webhook_secret="whsec_embedded",  # noqa: S106 - of the embedded profile
            )
        except OSError as error:
            raise ProfileWrong(f"--env {asked.env} cannot be read: {error}") from error
    else:
        yield elsewhere(asked.host, asked.tokens, asked.provider)


def _folder(output: Path) -> Path:
    try:
        is_ours = emptied(output, MARK)
    except OSError as error:
        raise ProfileWrong(
            f"--output {output} cannot be written ({error.strerror}): name another folder"
        ) from error
    if not is_ours:
        raise ProfileWrong(
            f"{output} holds something that is not an earlier load test's: choose another "
            "folder with --output"
        )
    return output


def _list() -> int:
    for title, folder in (("mixes", MIXES), ("shapes", SHAPES)):
        print(title)
        for name in profiles.names(folder):
            print(f"  {name:16} {profiles.about(folder, name)}")
    return PASSED


def _tell(step: str) -> None:
    print(step, flush=True)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def _rate(text: str) -> float:
    return 0.0 if text == "0" else _positive(text)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = Arguments(
        prog="python -m loadtests",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asks = parser.add_subparsers(dest="ask", required=True, metavar="run | list")
    asks.add_parser("list", help="name the mixes and the shapes")
    one = asks.add_parser("run", help="drive a platform once, and judge")
    _add_run(one)
    return parser


def _add_run(one: argparse.ArgumentParser) -> None:
    where = one.add_mutually_exclusive_group(required=True)
    where.add_argument("--embedded", action="store_true", help="start the platform itself")
    where.add_argument("--env", type=Path, help="the platform.env of one on this machine")
    where.add_argument("--host", help="the address of one that runs elsewhere")
    one.add_argument("--tokens", type=Path, help="with --host: role, person, token as JSON")
    one.add_argument("--provider", default="", help="where people pay, without --embedded")
    one.add_argument("--mix", help="a name or a .yaml file; the shape's own, or journeys")
    one.add_argument("--shape", default="steady", help="a name or a .yaml file")
    one.add_argument("--rate", type=_positive, default=5.0, help="journeys a second")
    one.add_argument("--seconds", type=_positive, default=30.0)
    one.add_argument("--seed", type=_count, default=7)
    one.add_argument("--workers", type=_positive_count, default=1, help="Locust's own")
    one.add_argument("--closed-users", type=_count, default=0, help="beside the schedule")
    one.add_argument("--kafka-rate", type=_rate, default=0.0, help="probes a second")
    one.add_argument("--in-flight-max", type=_positive_count, default=5_000)
    one.add_argument("--objectives", type=Path, default=DEFAULT)
    one.add_argument("--output", type=Path, default=Path("out/load"), help="is emptied")


def _positive_count(text: str) -> int:
    if not (number := _count(text)):
        raise argparse.ArgumentTypeError("0 is too few")
    return number


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted; everything that was started has ended")
