"""Provision and run real servers on this machine: `up`, `down` or `status`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.services import stack as stacks
from deploy.services.stack import ENVIRONMENT, KINDS, Stack
from toolkit.infra.settings import PREFIX

UNREACHABLE = 69  # as sysexits.h has it
EXAMPLES = """
examples:
  python -m deploy.services up
  python -m deploy.services up --brokers 3 --directory out/three
  python -m deploy.services status
  python -m deploy.services down

exit status: 0 done, 69 some server cannot be had or does not run, 64 wrong usage
"""


def main(argv: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(argv)
    if chosen.command == "hold":
        sys.stdin.read()
        chosen.command = "down"
    if chosen.command == "fetch":
        return fetch()
    with stacks.alone(chosen.directory):
        stack = stacks.read(chosen.directory)
        match chosen.command:
            case "up":
                return up(stack, chosen.only or KINDS, chosen.brokers)
            case "down":
                stack.down(_tell)
                return 0
    return status(stack)


def up(stack: Stack, kinds: Sequence[str], brokers: int) -> int:
    """Start what does not run, and print the settings that the platform needs."""
    stack.missing.clear()
    try:
        stack.up(kinds, brokers, _tell)
    except RuntimeError as failure:
        print(failure, file=sys.stderr)
        return UNREACHABLE
    for name, value in stack.settings.items():
        print(f"{PREFIX}{name.upper()}={json.dumps(value)}")
    _tell(f"ready; the settings are in {stack.directory / ENVIRONMENT}")
    return UNREACHABLE if stack.missing else 0


def fetch() -> int:
    """Provision every program and start none, so that a later start is quick."""
    missing = stacks.fetch(KINDS, _tell)
    for kind, reason in missing.items():
        _tell(f"{kind} cannot be had: {reason}")
    return UNREACHABLE if missing else 0


def status(stack: Stack) -> int:
    """Print one line of JSON a server."""
    for name, server in stack.servers.items():
        state = {"running": server.is_running, "pid": server.pid}
        print(json.dumps({"name": name, "address": server.address, **state}))
    for kind, reason in stack.missing.items():
        print(json.dumps({"name": kind, "running": False, "reason": reason}))
    all_run = stack.servers and all(s.is_running for s in stack.servers.values())
    return 0 if all_run and not stack.missing else UNREACHABLE


def _tell(step: str) -> None:
    print(step, file=sys.stderr, flush=True)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m deploy.services",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, meaning in (
        ("up", "provision and start what does not run; run again, it does nothing"),
        ("down", "end everything that was started here; what it kept is removed"),
        ("fetch", "provision the programs, and start nothing"),
        ("hold", "wait until standard input ends, and then do as `down`"),
        ("status", "say what runs, and what could not be had"),
    ):
        command = commands.add_parser(name, help=meaning)
        if name == "fetch":
            continue
        command.add_argument("--directory", type=Path, default=Path("out/services"))
        if name == "up":
            command.add_argument("--brokers", type=int, choices=(1, 3), default=1)
            command.add_argument("--only", action="append", choices=KINDS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
