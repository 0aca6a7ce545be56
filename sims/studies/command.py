"""The command `python -m sims study`: months in a question, money in the answer."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from sims.given import UnclearError
from sims.studies.question import Question, read
from sims.studies.results import show, write
from sims.studies.study import Job, Study, pilots, replicated
from sims.workers import NoClusterError, Stopped, Workers, add_options, chosen

ANSWERED, WRONG_USAGE, STOPPED = 0, 64, 130
REPLICATIONS_MIN = 2  # of one there is no interval
EXAMPLES = """
examples:
  python -m sims study sims/studies/questions/inspection_window.yaml
  python -m sims study sims/studies/questions/fraud.yaml --replications 20
  python -m sims study my_question.yaml --output out/studies/mine --cluster

exit codes:
  0  it is answered    64  the question is unclear, or there is no cluster
  130  Ctrl-C: the replications that every scenario had by then are told and kept
"""


def add(asks: Any) -> None:
    """Add the verb to a parser's."""
    verb = asks.add_parser(
        "study",
        help="say what weeks and months do to the money",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("question", type=Path, help="a YAML file")
    verb.add_argument("--replications", type=int, help="instead of the file's")
    verb.add_argument(
        "--output", type=Path, help="a folder; out/studies/<file> if not given"
    )
    add_options(verb)


def run(asked: argparse.Namespace, console: Console) -> int:
    """Answer a question, print the answer and write it."""
    try:
        question = read(asked.question)
        if asked.replications is not None:
            given = {**question.model_dump(), "replications": asked.replications}
            question = Question.model_validate(given)
        study = answered(question, chosen(asked), console)
    except (UnclearError, NoClusterError) as unclear:
        print(unclear, file=sys.stderr)
        return WRONG_USAGE
    except ValueError as wrong:
        print(f"--replications {asked.replications}: {wrong}", file=sys.stderr)
        return WRONG_USAGE
    show(study, console)
    asked_for, played = question.replications, study.question.replications
    for path in write(study, asked.output or Path("out/studies") / asked.question.stem):
        console.print(f"kept in {path}", soft_wrap=True)
    if played < asked_for:
        console.print(f"stopped after {played} of {asked_for} replications")
        return STOPPED
    return ANSWERED


def answered(question: Question, workers: Workers, console: Console) -> Study:
    """Play all scenarios, each as often as asked for, all with the same chances.

    One that is stopped has the replications that are done in all scenarios.
    """
    names = list(question.scenarios)
    asked = [(question, name) for name in names]
    pasts = workers.tracked(pilots, asked, console, "how long stories last")
    jobs = [
        Job(question=question, scenario=name, replication=number, past=past)
        for number in range(question.replications)
        for name, past in zip(names, pasts, strict=True)
    ]
    try:
        told = workers.tracked(replicated, jobs, console, "playing scenarios")
    except Stopped as stopped:
        count = len(stopped.so_far) // len(names)
        if count < REPLICATIONS_MIN:
            raise
        told = list(stopped.so_far[: count * len(names)])
        question = question.model_copy(update={"replications": count})
    return Study(
        question=question,
        told={name: told[place :: len(names)] for place, name in enumerate(names)},
    )
