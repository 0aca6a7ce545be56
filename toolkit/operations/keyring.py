"""The command that makes master keys, and has the newest wrap what older ones did."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from toolkit.core.errors import Unavailable
from toolkit.core.sealing import KeyGone
from toolkit.infra.clock import SystemClock
from toolkit.infra.postgres import open_pool
from toolkit.infra.sealing import Keyring, KeyringWrong, add_key
from toolkit.infra.settings import Settings, SettingsWrong
from toolkit.infra.vault import Vault
from toolkit.operations.ends import DONE, REFUSED, complain

EXAMPLES = """
examples:
  python -m toolkit keyring add keyring.json --name 2026-11
  python -m toolkit keyring rewrap     # ESCROW_KEYRING names the file with both keys

To replace a master key: add one, give every gateway the new file and restart it, rewrap,
and only then take the old key out of the file. Keep the file in a backup of its own: who
has both it and the database reads everything, and who loses it reads nothing.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be asked."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES
    steps = parser.add_subparsers(dest="step", required=True)
    add = steps.add_parser("add", help="add a new master key to a file, or begin one")
    add.add_argument("file", type=Path)
    add.add_argument("--name", required=True, help="what to call it, such as 2026-11")
    steps.add_parser("rewrap", help="have the newest key wrap what older ones did")


def add(chosen: argparse.Namespace) -> int:
    """Add a key to a file."""
    try:
        add_key(chosen.file, chosen.name)
    except (KeyringWrong, OSError) as wrong:
        return complain(str(wrong), REFUSED)
    print(f"{chosen.file} wraps with {chosen.name} from now on: keep a copy apart")
    return DONE


def rewrap(settings: Settings) -> int:
    """Wrap every key of people anew that an older master key wrapped."""
    if settings.keyring is None:
        raise SettingsWrong("ESCROW_KEYRING is missing: it names the file of master keys")
    try:
        keyring = Keyring.read(settings.keyring)
        done = asyncio.run(_rewrap(settings, keyring))
    except (KeyringWrong, KeyGone, Unavailable) as wrong:
        return complain(str(wrong), REFUSED)
    print(f"{done} keys of people are wrapped anew, all by {keyring.master}")
    return DONE


async def _rewrap(settings: Settings, keyring: Keyring) -> int:
    done = 0
    dsn = settings.postgres_dsn.get_secret_value()
    async with open_pool(dsn, "gateway", size_max=1) as pool:
        vault = Vault(pool, keyring, SystemClock())
        while found := await vault.rewrap():
            done += found
    return done
