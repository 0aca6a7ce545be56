"""The command that lists, shows, replays and discards dead letters, by two people."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from toolkit.assembly import SCHEMAS, open_database
from toolkit.core.approval import Objection, Proposal, approve
from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.ports import Clock
from toolkit.infra.postgres.dead_letters import Action, Desk, Letter, Request, Wanted
from toolkit.infra.salts import drawn
from toolkit.infra.settings import Settings
from toolkit.operations.ends import DONE, REFUSED, UNREACHABLE, WAITING, complain
from toolkit.operations.letters_shown import listed, told
from toolkit.operations.moments import moment
from toolkit.operations.who import NotAllowed, operator
from toolkit.runtime.handler import WENT_ON, BatchHandler
from toolkit.topology import HANDLING, routes_of

TRIES = 5
EPILOG = """
A dead letter is named service/number, as `list` shows it. `replay` and `discard` ask; a
second administrator approves within 24 hours, and then it is done, once. Who you are is
told by an access token: --token-file, or ESCROW_TOKEN.

exit status: 0 done, 1 dead letters wait (list), or what was agreed on failed again
(approve), 2 it was refused, 64 wrong usage or settings, 69 a server cannot be reached
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `python -m toolkit dead-letters`."""
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    verbs = parser.add_subparsers(dest="verb", required=True)
    found = verbs.add_parser("list", help="what waits for somebody, oldest first")
    found.add_argument("--service", choices=sorted(HANDLING))
    found.add_argument("--topic", help="where it came from")
    found.add_argument("--key", help="the aggregate's id")
    found.add_argument("--error", help="a part of the reason")
    found.add_argument("--since", type=moment, help="failed at or after this moment (UTC)")
    found.add_argument("--all", action="store_true", help="resolved ones too")
    found.add_argument("--limit", type=int, default=100, help="of each service")
    one = verbs.add_parser("show", help="one with its headers, content, reason, history")
    for name, what in (
        ("replay", "ask that it be handled again"),
        ("discard", "ask that it be passed over"),
        ("reject", "turn a request down, or take your own back"),
    ):
        asking = verbs.add_parser(name, help=what)
        _named(asking)
        asking.add_argument("--reason", required=True, help="why; it is kept")
        asking.add_argument("--token-file", type=Path, help="your access token")
    _named(one)
    agreeing = verbs.add_parser("approve", help="agree to what another person asked for")
    _named(agreeing)
    agreeing.add_argument("action", type=Action, choices=list(Action), help="to what")
    agreeing.add_argument("--token-file", type=Path, help="your access token")
    for shows in (found, one):
        shows.add_argument("--json", action="store_true", help="for machines")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Do what was chosen."""
    try:
        if chosen.verb == "list":
            return asyncio.run(_list(chosen, settings))
        return asyncio.run(_about_one(chosen, settings))
    except (NotAllowed, Refused) as refused:
        return complain(str(refused), REFUSED)
    except (Conflict, Unavailable) as obstacle:
        return complain(f"not done, try again: {obstacle}", UNREACHABLE)


class Refused(Exception):  # noqa: N818 - the name says what happened, not what it is
    """It cannot be done. The message says why, and what to do."""


async def _list(chosen: argparse.Namespace, settings: Settings) -> int:
    wanted = Wanted(
        topic=chosen.topic,
        key=chosen.key,
        error=chosen.error,
        since=chosen.since,
        resolved=chosen.all,
        limit=chosen.limit,
    )
    letters: list[Letter] = []
    for service in [chosen.service] if chosen.service else sorted(HANDLING):
        async with open_database(settings, service) as database:
            letters += await Desk(database=database).find(wanted)
    print(listed(letters, as_json=chosen.json))
    return WAITING if any(letter.resolved_at is None for letter in letters) else DONE


async def _about_one(chosen: argparse.Namespace, settings: Settings) -> int:
    service, id = chosen.letter
    clock = settings.clock
    speaks = chosen.verb == "approve"
    async with open_database(settings, service, speaks=speaks) as database:
        desk = Desk(database=database)
        if chosen.verb == "show":
            print(told(await _found(desk, id), as_json=chosen.json))
            return DONE
        by = (await operator(settings, chosen.token_file)).id
        match chosen.verb:
            case "approve":
                handler = BatchHandler(service, database, clock, routes_of(service, drawn))
                return await _approve(desk, handler, id, chosen.action, by)
            case "reject":
                return await _reject(desk, id, chosen.reason, by, clock)
            case verb:
                return await _ask(desk, id, Action(verb), chosen.reason, by=by, clock=clock)


async def _ask(
    desk: Desk, id: int, action: Action, reason: str, *, by: str, clock: Clock
) -> int:
    letter = await _found(desk, id)
    if not reason.strip():
        raise Refused("--reason is empty: say why")
    if letter.resolved_at:
        _settled(letter)
    if await desk.ask(letter, action, reason.strip(), by, clock.now()):
        print(
            f"{by} asks for a {action} of {letter.service}/{id}. Another administrator "
            f"approves with: dead-letters approve {letter.service}/{id} {action}"
        )
        return DONE
    letter = await _found(desk, id)
    request = letter.open_request
    if request is None:
        _settled(letter)
    raise Refused(
        f"{request.proposal.proposed_by} has asked for a {request.action} already "
        f"({request.reason}): approve or reject that"
    )


async def _reject(desk: Desk, id: int, reason: str, by: str, clock: Clock) -> int:
    letter = await _found(desk, id)
    request = letter.open_request
    if request is None or not await desk.reject(request, reason, by, clock.now()):
        raise Refused(f"nobody asks for anything about {letter.service}/{id}")
    print(f"the {request.action} of {letter.service}/{id} is rejected by {by}: {reason}")
    return DONE


async def _approve(
    desk: Desk, handler: BatchHandler, id: int, action: Action, by: str
) -> int:
    """Agree, and do it. What was done before is said again and not done again."""
    for _ in range(TRIES):
        letter = await _found(desk, id)
        request = _request(letter, action)
        match approve(request.proposal, by, handler.clock.now()):
            case Objection() as objection:
                raise Refused(f"{letter.service}/{id}: {objection}")
            case Proposal(approved_at=at):
                pass
        if request.decision is not None:
            return _ended(letter, request, f" was approved at {at}")
        assert at is not None, "an approved proposal says when"
        try:
            await handler.resume(letter.delivery.key, letter.agreed(request, by, at))
        except Conflict:
            continue  # the service handled something of this key meanwhile
        return _ended(letter, (await _found(desk, id)).requests[-1])
    raise Conflict(f"{letter.service}/{id} is busy")


def _ended(letter: Letter, done: Request, when: str = "") -> int:
    """Say what came of it; what failed again waits for somebody once more."""
    told, remark = f"{letter.service}/{letter.id}{when}", done.remark or ""
    if remark.endswith(WENT_ON):
        print(f"{told}: {remark}")
        return DONE
    key = f"dead-letters list --service {letter.service} --key {letter.delivery.key}"
    return complain(f"{told}: {remark}. Its key waits again: see `{key}`", WAITING)


def _request(letter: Letter, action: Action) -> Request:
    """Find what there is to agree to: the open request, or one that was approved."""
    name = f"{letter.service}/{letter.id}"
    request = letter.open_request
    if request is None and letter.resolved_at:
        request = next((r for r in letter.requests if r.decision == "APPROVED"), None)
    if request is None:
        raise Refused(f"nobody asks for anything about {name}: ask with `{action} {name}`")
    if request.action is not action:
        raise Refused(f"what was asked for is a {request.action} of {name}: see `show`")
    return request


async def _found(desk: Desk, id: int) -> Letter:
    letters: Sequence[Letter] = await desk.find(Wanted(id=id, resolved=True))
    if not letters:
        raise Refused(f"there is no dead letter {desk.database.schema}/{id}: see `list`")
    return letters[0]


def _settled(letter: Letter) -> NoReturn:
    last = letter.requests[-1] if letter.requests else None
    how = f" by {last.decided_by}: {last.remark}" if last else ""
    raise Refused(f"{letter.service}/{letter.id} was settled at {letter.resolved_at}{how}")


def _named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("letter", type=_letter, help="service/number")


def _letter(text: str) -> tuple[str, int]:
    service, _, number = text.partition("/")
    if service not in HANDLING or service not in SCHEMAS or not number.isdecimal():
        raise argparse.ArgumentTypeError(
            f"{text!r} names no dead letter; write one of {', '.join(sorted(HANDLING))}, a "
            "slash and its number"
        )
    return service, int(number)
