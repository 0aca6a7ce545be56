"""The command `python -m sims capacity`: a question in, a plan out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from sims.capacity.answer import Answer, show, write
from sims.capacity.confirm import TOPICS, can_be_confirmed, confirmed
from sims.capacity.death import after_a_death
from sims.capacity.question import read
from sims.capacity.search import answered
from sims.given import UnclearError

MET, UNMET, WRONG_USAGE = 0, 1, 64
EXAMPLES = """
examples:
  python -m sims capacity sims/capacity/questions/peak_hour.yaml
  python -m sims capacity sims/capacity/questions/peak_hour.yaml --confirm
  python -m sims capacity my_question.yaml --output out/capacity/mine

exit codes:
  0  the objective can be kept    1  not with what may be chosen
  64  the question is unclear
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
    verb.add_argument("--output", type=Path, default=Path("out/capacity"), help="a folder")


def run(asked: argparse.Namespace, console: Console) -> int:
    """Answer a question, print the answer and write it."""
    try:
        question = read(asked.question)
    except UnclearError as unclear:
        print(unclear, file=sys.stderr)
        return WRONG_USAGE
    if asked.confirm and not can_be_confirmed(question):
        print(
            f"{asked.question}: --confirm plays the services {', '.join(TOPICS)}; name the "
            "stages with partitions after them, all of them and no others",
            file=sys.stderr,
        )
        return WRONG_USAGE
    with console.status("asking") as status:
        curve = answered(question, status.update)
        (point,) = (p for p in curve if p.rate == question.load.rate_per_s)
        died = None
        if point.is_met:
            status.update("letting one consumer of each stage die")
            died = after_a_death(question, point.rate, point.plan)
        found = None
        if asked.confirm and point.sojourn:
            status.update("playing it with the real handlers")
            found = confirmed(question, point.rate, point.plan)
    answer = Answer(question=question, curve=curve, after_death=died, confirmation=found)
    show(answer, console)
    for path in write(answer, asked.output):
        console.print(f"kept in {path}", soft_wrap=True)
    return MET if point.is_met else UNMET
