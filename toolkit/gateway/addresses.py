"""What an address looks like on each channel, and which nobody may name.

An endpoint's name is resolved when it is called, and judged again by what it stands for
then; here only what can never be right is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from toolkit.messages.notifications import Channel

DISCORD = re.compile(r"[0-9]{17,20}", re.ASCII)
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST = re.compile(rf"(?:{LABEL}\.)+{LABEL}", re.ASCII)
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
EMAIL = re.compile(rf"(?=.{{1,64}}@){ATOM}(?:\.{ATOM})*@(?:{LABEL}\.)+[A-Za-z]{{2,63}}")
PRIVATE = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[!-~]*)?", re.ASCII)
E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
EMAIL_LENGTH_MAX = 254
OURS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")  # never the world's


def problem_of(
    channel: Channel, address: str, *, allows_private: bool = False
) -> str | None:
    """Say what is wrong with an address; `allows_private` is for endpoints in a demo."""
    if channel is Channel.WEBHOOK and allows_private:
        return None if PRIVATE.fullmatch(address) else "an endpoint is a URL"
    return CHECKS[channel](address)


def _discord(address: str) -> str | None:
    if DISCORD.fullmatch(address):
        return None
    return "a Discord user id has 17 to 20 digits"


def _email(address: str) -> str | None:
    if len(address) <= EMAIL_LENGTH_MAX and EMAIL.fullmatch(address):
        return None
    return "an e-mail address looks like ada@example.org"


def _sms(address: str) -> str | None:
    if E164.fullmatch(address):
        return None
    return "a phone number is written as +15552340100: plus, country and number (E.164)"


def _webhook(address: str) -> str | None:
    """Look at an endpoint's address without asking anybody."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "an endpoint is a URL, such as https://example.org/hooks"
    if parts.scheme != "https":
        return "an endpoint's URL begins with https://"
    if not address.isprintable() or " " in address:
        return "an endpoint's URL has no spaces and no control characters"
    if parts.username is not None or parts.fragment or not address.isascii():
        return "an endpoint's URL has no user name, no fragment, and ASCII characters alone"
    if port == 0 or not _is_anybodys(host):
        return "an endpoint has a name or address that anybody on the internet can call"
    return None


def _is_anybodys(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        pass
    # Resolvers read `0x7f.1` as an address; no name ends in such a part.
    is_number = host.rpartition(".")[2][:1].isdigit()
    return bool(HOST.fullmatch(host)) and not is_number and not host.endswith(OURS)


CHECKS: Mapping[Channel, Callable[[str], str | None]] = {
    Channel.DISCORD: _discord,
    Channel.EMAIL: _email,
    Channel.SMS: _sms,
    Channel.WEBHOOK: _webhook,
}
