"""Who is at the keyboard? Whoever the identity provider's token says, and nobody else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from toolkit.gateway.tokens import Actor, Role, TokenRefused, Tokens, read_keys
from toolkit.infra.key_set import key_set
from toolkit.infra.settings import PREFIX, Settings

VARIABLE = f"{PREFIX}TOKEN"


class NotAllowed(Exception):  # noqa: N818 - the name says what happened, not what it is
    """Nobody whom we know, or nobody who may do this. The message says what to do."""


async def operator(settings: Settings, token_file: Path | None) -> Actor:
    """Answer who acts: an administrator by an access token, as the gateway takes them.

    A token is never an argument, where every process of the machine could read it.
    """
    keys = key_set(settings.jwt_keys, read_keys)
    await keys.load()
    tokens = Tokens(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        keys=keys,
        clock=settings.clock,
    )
    try:
        actor = tokens.actor_of(_token(token_file))
    except TokenRefused as refused:
        raise NotAllowed(f"{refused}; sign in at the identity provider again") from refused
    if Role.ADMIN not in actor.roles:
        raise NotAllowed(f"{actor.id} is no administrator: ask one to do it")
    return actor


def _token(file: Path | None) -> str:
    try:
        given = os.environ.get(VARIABLE, "") if file is None else _read(file)
    except (OSError, UnicodeDecodeError) as error:
        raise NotAllowed(f"--token-file {file} cannot be read ({error})") from error
    if not given.strip():
        raise NotAllowed(
            f"say who you are: name the file of your access token with --token-file (- is "
            f"standard input), or put the token into {VARIABLE}"
        )
    return given.strip()


def _read(file: Path) -> str:
    return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="ascii")
