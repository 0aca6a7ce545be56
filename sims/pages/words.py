"""Banners, lists and milliseconds, as all pages of the simulator have them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from recon.pages.html import Html

TONES = {"good": "✓", "caution": "!", "bad": "✕"}


def banner(title: str, tone: str, verdict: str, lines: Sequence[str]) -> Html:
    """A colour, a mark and a word, and what they rest on."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return Html(
        f"<h1>{escape(title)}</h1>"
        f'<div class="banner {tone}" role="status"><div class="verdict">'
        f'<span class="mark">{TONES[tone]}</span> {escape(verdict)}</div>'
        f"<ul>{items}</ul></div>"
    )


def paragraph(text: str) -> Html:
    return Html(f"<p>{escape(text)}</p>")


def milliseconds(seconds: float | None) -> int | None:
    """Whole milliseconds; None where there is no end."""
    return None if seconds is None else round(seconds * 1_000)


def figure(value: float) -> Decimal:
    """A number that was typed, as it was typed."""
    return Decimal(f"{value:g}")
