"""The command `python -m sims capacity`: a question in, a plan out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from sims.capacity.answer import Answer, Around, show
from sims.capacity.around import (
    Value,
    Variant,
    answer,
    grid,
    headroom,
    sensitivities,
    what_ifs,
)
from sims.capacity.confirm import TOPICS, Confirmation, can_be_confirmed, confirmed
from sims.capacity.death import after_a_death
from sims.capacity.files import write
from sims.capacity.question import Question, read
from sims.capacity.search import Point, answered
from sims.given import UnclearError
from sims.workers import NoClusterError, Stopped, Workers, add_options, chosen

MET, UNMET, WRONG_USAGE, STOPPED = 0, 1, 64, 130
EXAMPLES = """
examples:
  python -m sims capacity sims/capacity/questions/peak_hour.yaml
  python -m sims capacity sims/capacity/questions/peak_hour.yaml --confirm
  python -m sims capacity my_question.yaml --alive
  python -m sims capacity my_question.yaml --what-if --output out/capacity/mine
  python -m sims capacity my_question.yaml --sweep load.rate_per_s=100,200,400 \\
      --sweep stages.escrow.message_ms=0.4,0.8

exit codes:
  0  the objective can be kept    1  not with what may be chosen
  64  the question is unclear, or there is no cluster
  130  Ctrl-C: once there is a plan, it and what was asked around it so far are kept
"""


def add(asks: Any) -> None:
    """Add the verb to a parser's."""
    verb = asks.add_parser(
        "capacity",
        help="say what a load needs",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("question", type=Path, help="a YAML file")
    verb.add_argument(
        "--confirm",
        action="store_true",
        help="play the plan with the real handlers too; takes a minute or more",
    )
    verb.add_argument(
        "--alive",
        action="store_true",
        help="and that amid the stories of all who are alive then; takes minutes",
    )
    verb.add_argument(
        "--what-if",
        action="store_true",
        help="change everything a little, and raise the load of the plan",
    )
    verb.add_argument(
        "--sweep",
        type=_axis,
        action="append",
        default=[],
        metavar="FIELD=A,B,C",
        help="answer the question for each value; several make a grid",
    )
    verb.add_argument("--output", type=Path, default=Path("out/capacity"), help="a folder")
    add_options(verb)


def run(asked: argparse.Namespace, console: Console) -> int:
    """Answer a question, print the answer and write it."""
    try:
        question = read(asked.question)
        variants = grid(question, dict(asked.sweep)) if asked.sweep else []
        if (asked.confirm or asked.alive) and not can_be_confirmed(question):
            print(
                f"{asked.question}: --confirm plays the services {', '.join(TOPICS)}; name "
                "the stages with partitions after them, all of them and no others",
                file=sys.stderr,
            )
            return WRONG_USAGE
        told, is_whole = _answered(question, variants, asked, console)
    except (UnclearError, NoClusterError) as unclear:
        print(unclear, file=sys.stderr)
        return WRONG_USAGE
    show(told, console)
    for path in write(told, asked.output):
        console.print(f"kept in {path}", soft_wrap=True)
    if not is_whole:
        console.print("stopped: not all was asked that was to be asked around the plan")
        return STOPPED
    return MET if told.asked.is_met else UNMET


def _answered(
    question: Question,
    variants: list[Variant],
    asked: argparse.Namespace,
    console: Console,
) -> tuple[Answer, bool]:
    """Find the plan, then ask around it; answer whether all was asked."""
    workers = chosen(asked)
    with console.status("asking") as status:
        curve = answered(question, status.update)
    (point,) = (p for p in curve if p.rate == question.load.rate_per_s)
    told = Answer(question=question, curve=curve, after_death=None)
    try:
        with console.status("letting one consumer of each stage die") as status:
            if point.is_met:
                died = after_a_death(question, point.rate, point.plan)
                told = replace(told, after_death=died)
            if (asked.confirm or asked.alive) and point.sojourn:
                status.update("playing it with the real handlers")
                told = replace(told, confirmation=_confirmed(question, point, asked))
        if asked.what_if and point.sojourn:
            told = replace(told, around=_around(question, point, workers, console))
        found = workers.tracked(answer, variants, console, "the grid") if variants else []
    except Stopped as stopped:
        is_grid = told.around is not None or not asked.what_if
        asked_for = variants if is_grid else []
        return replace(
            told, swept=list(zip(asked_for, stopped.so_far, strict=False))
        ), False
    except KeyboardInterrupt:
        return told, False
    return replace(told, swept=list(zip(variants, found, strict=True))), True


def _confirmed(question: Question, point: Point, asked: argparse.Namespace) -> Confirmation:
    return confirmed(question, point.rate, point.plan, is_alive=asked.alive)


def _around(question: Question, point: Point, workers: Workers, console: Console) -> Around:
    def each(work: Callable[[Variant], Point], jobs: Sequence[Variant]) -> list[Point]:
        return workers.tracked(work, jobs, console, "around the answer")

    steps = what_ifs(question, point)
    return Around(
        headroom=headroom(question, point, each),
        sensitivities=sensitivities(question, point, each),
        what_ifs=list(zip(steps, each(answer, steps), strict=True)),
    )


def _axis(text: str) -> tuple[str, list[Value]]:
    name, is_there, values = text.partition("=")
    if not (name and is_there and all(values.split(","))):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no FIELD=A,B,C, such as load.rate_per_s=100,200"
        )
    return name, [_value(each) for each in values.split(",")]


def _value(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
