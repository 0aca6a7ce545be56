"""Run the platform: one service, all of them on this machine, or an operator's command."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import math
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

import httpx
import psycopg
import uvicorn

from toolkit import embedded, observation
from toolkit.archive.files import event_count
from toolkit.assembly import (
    SCHEMAS,
    Assembly,
    assemble,
    bring_up,
    rebuild_views,
)
from toolkit.core.errors import Conflict, Declined
from toolkit.gateway.tokens import SUBJECT, Role
from toolkit.infra import settings as configuration
from toolkit.infra import settings_page
from toolkit.infra.collector import set_for_batches
from toolkit.infra.http_server import server_config
from toolkit.infra.issuer import Issuer, read_key
from toolkit.infra.postgres import status as state
from toolkit.infra.postgres.roles import RolesRefused
from toolkit.infra.processes import PortTakenError, free_port
from toolkit.infra.settings import Settings, SettingsWrong
from toolkit.infra.telemetry import logs
from toolkit.operations import audit, keyring
from toolkit.operations import commands as operations
from toolkit.operations.ends import REFUSED, UNREACHABLE, USAGE
from toolkit.operations.moments import moment
from toolkit.topology import SERVICES, loops

EXAMPLES = """
examples:
  python -m toolkit embedded --stripe-url http://127.0.0.1:12111
  python -m toolkit --env out/embedded/platform.env token --subject arbiter --role admin
  python -m toolkit migrate          # with the settings in the environment
  python -m toolkit run escrow

exit status: 0 done, 1 something waits (status), 2 it was refused, 64 wrong usage or
settings, 69 a server cannot be reached
"""
log = logging.getLogger(__name__)
HOURS_MAX = 8_760
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    chosen = parser.parse_args(argv)
    logging.basicConfig(
        level=chosen.log_level, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a call tells nobody much
    try:
        if chosen.env:
            configuration.load(chosen.env)
        match chosen.command:
            case "embedded":
                return start_embedded(chosen)
            case "run":
                logs.configure(chosen.service, chosen.log_level)
                return run(chosen.service, _with_port(configuration.read(), chosen))
            case "migrate":
                return migrate(configuration.read(), with_logins=chosen.roles)
            case "settings":
                return show_settings(chosen)
            case "token":
                return token(chosen, configuration.read())
            case "rebuild":
                return rebuild(configuration.read(), chosen.escrow)
            case "status":
                return status(configuration.read())
            case "keyring" if chosen.step == "add":
                return keyring.add(chosen)  # needs no settings yet
            case "audit":
                return audit.run(chosen, configuration.read)
            case operation if operation in operations.NAMES:
                return operations.run(chosen, configuration.read())
    except (SettingsWrong, PortTakenError, RolesRefused) as wrong:
        return _complain(str(wrong), USAGE)
    except psycopg.ProgrammingError as wrong:
        what = str(wrong).splitlines()[0]
        return _complain(
            f"the database refuses ({what}): see that ESCROW_POSTGRES_DSN is right, and "
            "run `python -m toolkit migrate`",
            USAGE,
        )
    except psycopg.OperationalError as failure:
        what = str(failure).splitlines()[0]
        return _complain(
            f"the database does not answer ({what}): start it, or set ESCROW_POSTGRES_DSN",
            UNREACHABLE,
        )
    return 0


def _complain(what: str, exit_status: int) -> int:
    print(what, file=sys.stderr)
    return exit_status


def run(service: str, settings: Settings) -> int:
    """Run one service until it is asked to end. Whatever fails in it ends the process."""
    try:
        httpx.get(settings.registry_url, timeout=10.0)
    except (httpx.TransportError, httpx.InvalidURL) as failure:
        return _complain(
            f"the registry {settings.registry_url} does not answer ({failure}): start it, "
            "or set ESCROW_REGISTRY_URL",
            UNREACHABLE,
        )
    try:
        asyncio.run(_run(service, settings))
    except asyncio.CancelledError:
        log.info("%s was asked to end", service)
    except BaseExceptionGroup as failures:
        raise _cause(failures) from failures
    return 0


def _with_port(settings: Settings, chosen: argparse.Namespace) -> Settings:
    """Let the command line say where operators ask: one machine runs many services."""
    if chosen.operations_port is None:
        return settings
    return settings.model_copy(update={"operations_port": chosen.operations_port})


def _cause(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Find the wrong setting among what failed together, as it needs no traceback."""
    found: BaseException | None = failures.subgroup(SettingsWrong)
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found or failures


async def _run(service: str, settings: Settings) -> None:
    main_task = asyncio.current_task()
    assert main_task
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main_task.cancel)
    group = asyncio.TaskGroup()
    async with assemble(settings, service, group) as assembly:
        log_lines = logs.Counting(assembly.watch.metrics)
        logging.getLogger().addHandler(log_lines)
        with observation.face(assembly) as address:
            async with group:
                shown = observation.chores(assembly, service)
                for loop in [*loops(assembly.world, service), *assembly.chores, *shown]:
                    group.create_task(loop)
                set_for_batches()
                _end_in_order(main_task, assembly)
                log.info("%s runs; operators ask at %s", service, address)
                if service == "gateway":
                    await _serve(assembly)
                    main_task.cancel()


async def _serve(assembly: Assembly) -> None:
    """Answer HTTP until asked to end; uvicorn listens for the signals itself."""
    # The web framework takes a second to import, and of all services this one needs it.
    from toolkit.face import application  # noqa: PLC0415

    config = server_config(await application(assembly), assembly.settings)
    asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)  # or both would act
    server = uvicorn.Server(config)
    end = partial(setattr, server, "should_exit", True)
    server.handle_exit = lambda *_: _drain(assembly, end)  # type: ignore[method-assign] # it has no other hook
    await server.serve()


def _end_in_order(main_task: asyncio.Task[None], assembly: Assembly) -> None:
    """Once asked to end, say so for a while, and only then stop."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, _drain, assembly, main_task.cancel)


def _drain(assembly: Assembly, end: Callable[[], object]) -> None:
    assembly.watch.health.drain()
    loop = asyncio.get_running_loop()
    loop.call_soon_threadsafe(loop.call_later, assembly.settings.drain_s, end)


def migrate(settings: Settings, *, with_logins: bool) -> int:
    """Bring every schema up to date, and what each login may do with it."""
    applied = bring_up(settings, with_logins=with_logins)
    print("\n".join(applied) if applied else "every schema is up to date")
    return 0


def show_settings(chosen: argparse.Namespace) -> int:
    """Print every setting as JSON, secrets only as set; or the page about all of them."""
    if chosen.reference:
        print(settings_page.reference(), end="")
    else:
        print(json.dumps(settings_page.shown(configuration.read()), indent=1))
    return 0


def rebuild(settings: Settings, escrow_ids: Sequence[str]) -> int:
    """Make read models anew from the events; the service goes on meanwhile."""
    try:
        count = asyncio.run(rebuild_views(settings, escrow_ids))
    except Conflict as obstacle:
        return _complain(str(obstacle), UNREACHABLE)
    except Declined as no:
        return _complain(str(no), REFUSED)
    print(f"{count} read models made anew from the events")
    return 0


def status(settings: Settings) -> int:
    """Print what waits and what the ledger says, as JSON; exit 0 when all is quiet."""
    found = state.status(settings.postgres_dsn.get_secret_value(), tuple(SCHEMAS))
    archived = event_count(settings.archive_root)
    quiet = archived >= found.said and found.is_quiet
    print(
        json.dumps(
            {
                "quiet": quiet,
                "said": found.said,
                "archived": archived,
                "services": found.shown(),
                "balances": found.balances,
            },
            indent=1,
        )
    )
    return 0 if quiet else 1


def token(chosen: argparse.Namespace, settings: Settings) -> int:
    """Print an access token of the embedded profile's issuer."""
    pem = Path(settings.jwt_keys).parent / embedded.ISSUER_KEY
    if not pem.exists():
        print(
            f"{pem} is not there: only the embedded profile issues tokens itself; "
            "ask your identity provider for one",
            file=sys.stderr,
        )
        return USAGE
    try:
        key = read_key(pem)
    except (OSError, ValueError) as error:
        return _complain(
            f"{pem} cannot be used ({error}): start the embedded profile again", USAGE
        )
    issuer = Issuer(settings.jwt_issuer, settings.jwt_audience, key, settings.clock)
    print(issuer.token(chosen.subject, chosen.role, timedelta(hours=chosen.hours)))
    return 0


def start_embedded(chosen: argparse.Namespace) -> int:
    """Keep the embedded platform running until interrupted."""
    profile = embedded.Profile(
        directory=chosen.directory,
        stripe_url=chosen.stripe_url,
        webhook_secret=chosen.webhook_secret,
        custodian_url=chosen.custodian_url,
        screening_url=chosen.screening_url,
        discord_url=chosen.discord_url,
        wallets_url=chosen.wallets_url,
        agents_url=chosen.agents_url,
        http_port=free_port(chosen.port),
        start_at=chosen.start_at,
        origin_s=chosen.origin_s,
        speed=chosen.speed,
        poll_every_s=chosen.poll_every_s,
        servers=configuration.kept(chosen.servers) if chosen.servers else None,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        return _keep_running(profile)
    except RuntimeError as failure:  # a server of ours that did not start
        return _complain(f"the platform does not start: {failure}", UNREACHABLE)
    except KeyboardInterrupt:
        return 0


def _keep_running(profile: embedded.Profile) -> NoReturn:
    with embedded.platform(profile, lambda step: print(step, flush=True)) as supervisor:
        print(f"settings: {profile.directory / 'platform.env'}", flush=True)
        print(f"gateway:  http://{embedded.LOOPBACK}:{profile.http_port}", flush=True)
        print(
            "running:  " + ", ".join(supervisor.pids()) + " (Ctrl-C ends all)", flush=True
        )
        while True:
            time.sleep(0.2)
            for name in supervisor.look_after():
                print(f"restarted {name}; its log is {name}.log", flush=True)


def _within(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(
                f"{text!r} is no whole number from {low} to {high}"
            )
        return int(text)

    return read


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def _subject(text: str) -> str:
    if not SUBJECT.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no id; write 1 to 128 letters, digits or any of ._:@|+-"
        )
    return text


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m toolkit",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--env", type=Path, help="a platform.env to take the settings from")
    parser.add_argument("--log-level", default="INFO", type=str.upper, choices=LEVELS)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="run one service")
    one.add_argument("service", choices=SERVICES)
    one.add_argument(
        "--operations-port",
        type=_within(0, 65_535),
        help="of /metrics and /health, instead of ESCROW_OPERATIONS_PORT",
    )
    schemas = commands.add_parser("migrate", help="make or update the database schemas")
    schemas.add_argument(
        "--roles", action="store_true", help="make the logins too (ESCROW_POSTGRES_USER)"
    )
    shown_settings = commands.add_parser(
        "settings", help="print the settings; of secrets only that they are"
    )
    shown_settings.add_argument("--reference", action="store_true", help="what each means")
    again = commands.add_parser("rebuild", help="make read models anew from the events")
    again.add_argument("escrow", nargs="*", help="escrow ids; all if none is given")
    commands.add_parser("status", help="print what waits, and the ledger's balances")
    operations.add_commands(commands)
    who = commands.add_parser("token", help="print an access token (embedded profile)")
    who.add_argument("--subject", type=_subject, required=True)
    who.add_argument("--role", action="append", required=True, choices=list(map(str, Role)))
    who.add_argument("--hours", type=_within(1, HOURS_MAX), default=1)
    every = commands.add_parser("embedded", help="run everything on this machine")
    every.add_argument("--directory", type=Path, default=Path("out/embedded"))
    every.add_argument("--stripe-url", required=True, help="the sandbox's address")
    every.add_argument(
        "--servers", type=Path, help="a services.env: use these servers, start none"
    )
    every.add_argument("--webhook-secret", default="whsec_embedded")
    every.add_argument("--custodian-url", help="the address of the custodian's sandbox")
    every.add_argument("--screening-url", help="the address of the vendors' sandbox")
    every.add_argument("--discord-url", help="the address of Discord's sandbox")
    every.add_argument("--wallets-url", help="the address of the wallets' sandbox")
    every.add_argument("--agents-url", help="the address of the agents' sandbox")
    every.add_argument(
        "--port", type=_within(0, 65_535), default=8080, help="of the gateway; 0 is any"
    )
    every.add_argument("--start-at", type=moment, help="play a day from this moment (UTC)")
    every.add_argument("--origin-s", type=float, default=0.0, help=argparse.SUPPRESS)
    every.add_argument("--speed", type=_positive, default=1.0, help="of the played day")
    every.add_argument("--poll-every-s", type=_positive, default=60.0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
