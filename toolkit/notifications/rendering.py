"""Templates are files, one for each event; this fills them in, and forgives nothing.

A name that is missing is an error, and whatever was filled in is escaped for its channel:
what people wrote is shown as they wrote it, and does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from toolkit.messages.notifications import Audience, Value

TEMPLATES = Path(__file__).parent / "templates"

# What Discord reads as markup or mention, and the slash that makes an address a link.
MARKUP = re.compile(r"[\\*_~`|>#\[\]()<@]|(?<=:)/")

# Quotation marks, dashes and the ellipsis, as the GSM alphabet has them.
PLAINER = str.maketrans("\u201c\u201d\u2018\u2019\u2013\u2014", "\"\"''--") | {
    0x2026: "..."
}


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates of one channel, by the event that they tell."""

    found: dict[str, Template]

    def render(self, template: str, audience: Audience, values: Sequence[Value]) -> str:
        """Fill a template in for one reader."""
        named = {value.name: value.text for value in values}
        return self.found[template].render(named, audience=audience.value).strip()


@cache
def read_templates(channel: str, escape: Callable[[str], str]) -> Templates:
    """Read every template of a channel once, so that a broken one is found at the start."""
    folder = TEMPLATES / channel
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,  # no HTML here: `finalize` escapes for the channel
        finalize=lambda value: escape(value) if isinstance(value, str) else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    names = sorted(path.name for path in folder.glob("*.txt"))
    return Templates({Path(n).stem: environment.get_template(n) for n in names})


def escape_markdown(text: Any) -> str:
    """Take the meaning from Discord's markup, mentions and links."""
    return MARKUP.sub(r"\\\g<0>", str(text))


def as_it_is(text: Any) -> str:
    """Leave the text of a plain e-mail alone: nothing in it is more than text."""
    return str(text)


def in_one_alphabet(text: Any) -> str:
    """Write what phones read without leaving the GSM alphabet, where that is easy.

    One letter outside it makes an SMS take more than twice the room.
    """
    return str(text).translate(PLAINER)
