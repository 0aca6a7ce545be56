"""The command that compares a broker's topics with `topics.toml`, and corrects them."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from typing import Any

from toolkit.core.errors import Unavailable
from toolkit.infra.topic_admin import TopicAdmin, TopicRefused
from toolkit.infra.topic_plan import Beyond, Correct, Create, Grow, Step, planned, told
from toolkit.messages.topics import ALL_TOPICS, ENVIRONMENTS
from toolkit.operations.ends import DONE, REFUSED, UNREACHABLE, WAITING, complain

SETTLES_WITHIN_S, LOOK_EVERY_S = 10.0, 0.2
EPILOG = """
+ is created, ~ is corrected by `apply`; ! is not, and says what to do; ? is left alone.

exit status: 0 the topics are what is declared, 1 something differs (still, after apply),
2 the broker refused a change, 64 wrong usage or settings, 69 the broker does not answer
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `python -m toolkit topics`."""
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("verb", choices=["plan", "apply"], help="show, or show and correct")
    parser.add_argument(
        "--environment",
        choices=[name for name in ENVIRONMENTS if name != "embedded"],
        default="development",
        help="whose replication and settings are meant; the embedded broker makes its "
        "topics itself when it starts",
    )
    parser.add_argument(
        "--grow-partitions",
        action="store_true",
        help="with apply: add missing partitions; keys move, so stop the writers before",
    )


def run(chosen: argparse.Namespace, kafka: Mapping[str, Any]) -> int:
    """Show what differs, correct it if told to, and say what is left."""
    admin = TopicAdmin(kafka)
    try:
        steps = _show(admin, chosen.environment)
        if chosen.verb == "apply" and any(_is_work(step) for step in steps):
            admin.apply(steps, grow=chosen.grow_partitions)
            print("applied; what is left:")
            _settle(admin, steps, chosen)
            steps = _show(admin, chosen.environment)
    except Unavailable as silence:
        return complain(
            f"{silence}. Start it, or set ESCROW_KAFKA_BOOTSTRAP; the embedded broker "
            "answers no questions about topics, and needs none",
            UNREACHABLE,
        )
    except TopicRefused as refusal:
        return complain(
            f"the broker refused: {refusal}. What was applied before stays; mend the cause "
            "and apply again",
            REFUSED,
        )
    return WAITING if any(_is_work(step) for step in steps) else DONE


def _settle(admin: TopicAdmin, steps: list[Step], chosen: argparse.Namespace) -> None:
    """Wait until the broker tells what it has done: it learns that a moment later."""
    done = Create | Correct | Grow if chosen.grow_partitions else Create | Correct
    applied = [step for step in steps if isinstance(step, done)]
    environment = ENVIRONMENTS[chosen.environment]
    deadline = time.monotonic() + SETTLES_WITHIN_S
    while time.monotonic() < deadline:
        left = planned(ALL_TOPICS, environment, admin.found())
        if not any(step in applied for step in left):
            return
        time.sleep(LOOK_EVERY_S)


def _show(admin: TopicAdmin, environment: str) -> list[Step]:
    steps = planned(ALL_TOPICS, ENVIRONMENTS[environment], admin.found())
    for step in steps:
        print(told(step))
    if not any(_is_work(step) for step in steps):
        print(f"{len(ALL_TOPICS)} topics are as declared for {environment}")
    return steps


def _is_work(step: Step) -> bool:
    return isinstance(step, Create | Correct | Grow | Beyond)
