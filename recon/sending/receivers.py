"""Who receives: a kind, an address, and the secret that comes with it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from recon.faults import WrongUsageError
from recon.sending import signature
from recon.sending.ledger import opened
from recon.sending.letters import KINDS, letters
from recon.sending.post import Delivered, Shell, Sign, deliver

SECRETS = {"webhook": "WEBHOOK_SECRET", "pagerduty": "PAGERDUTY_ROUTING_KEY"}
USUAL_URLS = {"pagerduty": "https://events.pagerduty.com/v2/enqueue"}
REAL = Shell(now=lambda: datetime.now(UTC), sleep=time.sleep)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where alerts of a kind go. Neither address nor secret is ever printed."""

    kind: str
    url: str = field(repr=False)
    secret: str | None = field(repr=False)


def receiver(text: str, environment: Mapping[str, str]) -> Receiver:
    """Read `webhook=https://…`, or `webhook` where the environment has the address.

    Secrets come from RECON_… in the environment, or from the file that RECON_…_FILE names.
    """
    kind, _, url = text.partition("=")
    if kind not in KINDS:
        raise WrongUsageError(f"--to {kind}: there is {', '.join(KINDS)}")
    stated = url or _setting(environment, f"{kind.upper()}_URL") or USUAL_URLS.get(kind)
    if not stated:
        raise WrongUsageError(
            f"--to {kind} has no address; give --to {kind}=https://… or set"
            f" RECON_{kind.upper()}_URL"
        )
    secret = None
    if kind in SECRETS:
        secret = _setting(environment, SECRETS[kind])
        if not secret:
            raise WrongUsageError(
                f"--to {kind} needs a secret; set RECON_{SECRETS[kind]} or"
                f" RECON_{SECRETS[kind]}_FILE"
            )
    return Receiver(kind, stated, secret)


def _setting(environment: Mapping[str, str], name: str) -> str | None:
    path = environment.get(f"RECON_{name}_FILE")
    if not path:
        return environment.get(f"RECON_{name}")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WrongUsageError(
            f"RECON_{name}_FILE {path} cannot be read ({error.strerror})"
        ) from error


def send(run: Path, to: Receiver, ledger: Path, shell: Shell = REAL) -> Delivered:
    """Send everything of a run that this receiver does not have yet."""
    with opened(ledger, to.url) as kept:
        return deliver(letters(to.kind, run, to.secret), to.url, kept, shell, _signing(to))


def _signing(to: Receiver) -> Sign:
    if to.kind != "webhook":
        return lambda _letter, _at_s: {}
    keys = signature.keys_of(to.secret or "")
    return lambda letter, at_s: signature.headers(keys, letter.id, letter.body, at_s)
