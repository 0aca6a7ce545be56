"""Drive the platform as its people would, and say whether it keeps what is promised."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from loadtests import compare, history, knee, profiles
from loadtests.judge import DEFAULT, Verdict, objectives
from loadtests.machine import described
from loadtests.orders import Orders
from loadtests.profiles import MIXES, SHAPES, ProfileWrong, Shape
from loadtests.run import GeneratorFailed, Wanted, run
from loadtests.stand import Stand, elsewhere, embedded, local
from sims.__main__ import Arguments
from sims.given import UnclearError
from sims.ground import emptied
from toolkit.infra.settings import SettingsWrong

PASSED, FAILED, WRONG_USAGE, NO_RESULT = 0, 1, 64, 69
MARK = ".loadtests"  # says that a folder is ours to empty
NEEDS_PROVIDER = {"escrow", "refunded"}
NEEDS_CHAIN = {"on_chain"}
EXAMPLES = """
examples:
  python -m loadtests run --embedded --mix journeys --rate 5 --seconds 30 --seed 7
  python -m loadtests run --embedded --shape spike --rate 4 --seconds 60
  python -m loadtests run --env out/embedded/platform.env --provider http://127.0.0.1:12111
  python -m loadtests run --host https://staging.example --tokens tokens.json --mix reading
  python -m loadtests knee --embedded --mix escrows --rates 2,4,8 --seconds 20
  python -m loadtests compare main HEAD --pairs 5 --rate 3 --seconds 20
  python -m loadtests history --file out/history.csv --add out/load
  python -m loadtests predict --run out/load --profile out/profile.json
  python -m loadtests report --run out/load --baseline out/earlier
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
            case "knee":
                return _knee(asked)
            case "predict":
                return _predict(asked)
            case "report":
                return _report(asked)
            case "compare":
                return _compare(asked)
            case "history":
                return _history(asked)
            case _:
                return _run(asked)
    except (ProfileWrong, SettingsWrong, UnclearError) as wrong:
        print(wrong, file=sys.stderr)
        return WRONG_USAGE
    except (GeneratorFailed, RuntimeError) as failure:
        print(failure, file=sys.stderr)
        return NO_RESULT


def _run(asked: argparse.Namespace) -> int:
    profile, folder = _profile(asked), _folder(asked.output)
    with _stand(asked, folder, profile) as stand:
        verdict = _driven(asked, stand, folder, asked.rate, profile)
    return _told(verdict, folder)


def _knee(asked: argparse.Namespace) -> int:
    profile, folder = _profile(asked), _folder(asked.output)
    with _stand(asked, folder, profile) as stand:

        def attempt(rate: float) -> Verdict:
            step = folder / f"rate-{rate:07.2f}"
            step.mkdir()
            verdict = _driven(asked, stand, step, rate, profile)
            _tell(f"{rate:g}/s: {'held' if verdict.passed else 'did not hold'}")
            return verdict

        steps = knee.search(attempt, asked.rates, asked.refine)
    knee.kept(folder, steps, described())
    for step in steps:
        for broken in step.broken:
            print(f"{step.rate_per_s:g}/s: {broken}")
    found = knee.knee_of(steps)
    if found is None:
        print("no knee: not even the lowest rate held")
        return FAILED
    reached = any(not step.held for step in steps)
    print(f"knee: {found:g}/s" + ("" if reached else " or more: every rate held"))
    return PASSED


Profile = tuple[Shape, str, dict[str, float], dict[str, Any]]


def _profile(asked: argparse.Namespace) -> Profile:
    """Read what is to be played before anything is started."""
    shape = profiles.shape(asked.shape)
    name = asked.mix or shape.mix or "journeys"
    mix, goals = profiles.mix(name), objectives(asked.objectives)
    if not asked.embedded and not asked.provider and NEEDS_PROVIDER & set(mix):
        raise ProfileWrong(
            f"the mix {name} pays: say with --provider where, or choose --mix reading"
        )
    if not asked.embedded and not asked.custodian and NEEDS_CHAIN & set(mix):
        raise ProfileWrong(
            f"the mix {name} pays on chain: say with --custodian where its sandbox is, or "
            "choose --mix escrows"
        )
    if asked.host and asked.kafka_rate:
        raise ProfileWrong("--kafka-rate needs a broker: it goes with --embedded or --env")
    if asked.host and shape.trouble:
        raise ProfileWrong(f"the shape {shape.name} does harm: it goes with --embedded")
    if asked.host and not asked.tokens:
        raise ProfileWrong("--host needs --tokens: who calls, as your provider knows them")
    return shape, name, mix, goals


def _driven(
    asked: argparse.Namespace, stand: Stand, folder: Path, rate: float, profile: Profile
) -> Verdict:
    shape, name, mix, goals = profile
    orders = Orders(
        host=stand.host,
        output=str(folder.absolute()),
        seed=asked.seed,
        run=f"load-{asked.seed}-{time.time_ns() // 1_000_000}",
        segments=shape.segments(rate, asked.seconds),
        journeys=mix,
        people=stand.people,
        provider=stand.provider,
        provider_key=stand.provider_key,
        webhook_secret=stand.webhook_secret,
        workers=asked.workers,
        closed_users=asked.closed_users,
        custodian=stand.custodian,
        in_flight_max=asked.in_flight_max,
        patience_s=asked.patience_s,
        kafka_rate_per_s=asked.kafka_rate,
        platform_env=str(stand.env or ""),
    )
    wanted = Wanted(
        orders=orders,
        shape=shape,
        mix=name,
        rate_per_s=rate,
        objectives=goals,
        reconciles=asked.reconcile,
    )
    return run(wanted, stand, folder, _tell)


def _compare(asked: argparse.Namespace) -> int:
    """Play two commits in turns; what is worse beyond chance fails."""
    profile, folder = _profile(asked), _folder(asked.output)
    with ExitStack() as stack:
        sources = {
            side: stack.enter_context(compare.checkout(commit, folder / f"source-{side}"))
            for side, commit in (("a", asked.a), ("b", asked.b))
        }

        def attempt(side: str, number: int) -> dict[str, float]:
            run_folder = folder / f"{side}-{number:02}"
            run_folder.mkdir()
            chain = _pays_on_chain(profile)
            source = sources[side]
            with embedded(run_folder, asked.seed, source, with_chain=chain) as stand:
                verdict = _driven(asked, stand, run_folder, asked.rate, profile)
            _tell(f"{side} {number}: {'held' if verdict.passed else 'did not hold'}")
            return compare.figures_of(run_folder)

        lines = compare.compared(compare.interleaved(attempt, asked.pairs))
    told = {"a": asked.a, "b": asked.b, "pairs": asked.pairs, "machine": described()}
    compare.kept(folder, lines, told)
    for line in lines:
        print(line)
    if asked.pairs < compare.PAIRS_MIN:
        print(f"fewer than {compare.PAIRS_MIN} pairs can prove nothing: add --pairs")
    return FAILED if any(line.is_worse for line in lines) else PASSED


def _history(asked: argparse.Namespace) -> int:
    """Add a run, if one is named, and say where figures changed. It blocks nobody."""
    if asked.add:
        _tell(f"{history.append(asked.file, asked.add)} figures added")
    found = history.changes(asked.file)
    for change in found:
        print(change)
    if not found:
        print("no figure has changed for good")
    return PASSED


def _predict(asked: argparse.Namespace) -> int:
    """Say what the simulator expects of a run that was driven, figure by figure."""
    from loadtests.predict import predicted  # noqa: PLC0415 - seconds of imports

    for name, figures in predicted(asked.run, asked.profile).items():
        for figure, value in figures.items():
            print(f"{name} {figure}: {value:,.1f}")
    return PASSED


def _report(asked: argparse.Namespace) -> int:
    """Execute the notebook about a run."""
    from loadtests.report import written_about  # noqa: PLC0415 - seconds of imports

    print(written_about(asked.run, asked.baseline, asked.prediction))
    return PASSED


def _told(verdict: Verdict, folder: Path) -> int:
    for promise in verdict.promises:
        print(promise)
    for finding in verdict.findings:
        print(f"BROKEN {finding}")
    print(f"verdict: {'PASSED' if verdict.passed else 'FAILED'}; see {folder}/report.html")
    return PASSED if verdict.passed else FAILED


@contextmanager
def _stand(asked: argparse.Namespace, folder: Path, profile: Profile) -> Iterator[Stand]:
    if asked.embedded:
        _tell(f"starting the platform (logs in {folder})")
        with embedded(folder, asked.seed, with_chain=_pays_on_chain(profile)) as stand:
            yield stand
    elif asked.env:
        try:
            yield local(asked.env, provider=asked.provider, custodian=asked.custodian)
        except OSError as error:
            raise ProfileWrong(f"--env {asked.env} cannot be read: {error}") from error
    else:
        yield elsewhere(asked.host, asked.tokens, asked.provider, asked.custodian)


def _pays_on_chain(profile: Profile) -> bool:
    _, _, mix, _ = profile
    return bool(NEEDS_CHAIN & set(mix))


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
    asks = parser.add_subparsers(dest="ask", required=True, metavar="run | knee | …")
    asks.add_parser("list", help="name the mixes and the shapes")
    one = asks.add_parser("run", help="drive a platform once, and judge")
    _add_run(one)
    one.add_argument("--rate", type=_positive, default=5.0, help="journeys a second")
    search = asks.add_parser("knee", help="find the highest rate that holds")
    _add_run(search)
    search.add_argument(
        "--rates", type=_rising, default=[2.0, 4.0, 8.0, 16.0], help="tried, as 2,4,8"
    )
    search.add_argument("--refine", type=_count, default=1, help="times, between two")
    page = asks.add_parser("report", help="execute the notebook about a run")
    page.add_argument("--run", type=Path, required=True, help="the folder of a run")
    page.add_argument("--baseline", type=Path, help="the folder of an earlier run")
    page.add_argument("--prediction", type=Path, help="what the simulator said, as JSON")
    said = asks.add_parser("predict", help="what the simulator says of a run's probes")
    said.add_argument("--run", type=Path, required=True, help="the folder of a run")
    said.add_argument("--profile", type=Path, required=True, help="of `sims calibrate`")
    two = asks.add_parser("compare", help="two commits, played in turns")
    two.add_argument("a", help="the commit that was there")
    two.add_argument("b", help="the commit that may be slower")
    two.add_argument("--pairs", type=_positive_count, default=5, help="runs of each")
    two.add_argument("--rate", type=_positive, default=5.0, help="journeys a second")
    _add_profile(two)
    two.set_defaults(embedded=True, host=None, provider="", custodian="")
    past = asks.add_parser("history", help="where figures changed for good")
    past.add_argument("--file", type=Path, required=True, help="a CSV that is added to")
    past.add_argument("--add", type=Path, help="the folder of a finished run")
    return parser


def _rising(text: str) -> list[float]:
    rates = [_positive(part) for part in text.split(",")]
    if sorted(set(rates)) != rates:
        raise argparse.ArgumentTypeError(f"{text!r} does not rise")
    return rates


def _add_run(one: argparse.ArgumentParser) -> None:
    where = one.add_mutually_exclusive_group(required=True)
    where.add_argument("--embedded", action="store_true", help="start the platform itself")
    where.add_argument("--env", type=Path, help="the platform.env of one on this machine")
    where.add_argument("--host", help="the address of one that runs elsewhere")
    one.add_argument("--tokens", type=Path, help="with --host: role, person, token as JSON")
    one.add_argument("--provider", default="", help="where people pay, without --embedded")
    one.add_argument("--custodian", default="", help="its sandbox, likewise")
    _add_profile(one)


def _add_profile(one: argparse.ArgumentParser) -> None:
    one.add_argument("--mix", help="a name or a .yaml file; the shape's own, or journeys")
    one.add_argument("--shape", default="steady", help="a name or a .yaml file")
    one.add_argument("--seconds", type=_positive, default=30.0)
    one.add_argument("--seed", type=_count, default=7)
    one.add_argument("--workers", type=_positive_count, default=1, help="Locust's own")
    one.add_argument("--closed-users", type=_count, default=0, help="beside the schedule")
    one.add_argument("--kafka-rate", type=_rate, default=0.0, help="probes a second")
    one.add_argument("--in-flight-max", type=_positive_count, default=5_000)
    patience = "of somebody who waits for the next state"
    one.add_argument("--patience-s", type=_positive, default=45.0, help=patience)
    books = "leave out the reconciliation with the providers' reports"
    one.add_argument("--no-reconcile", dest="reconcile", action="store_false", help=books)
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
