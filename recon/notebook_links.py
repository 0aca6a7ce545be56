"""Links within a page and from it: from a figure to what it is made of."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from recon.notebook_html import Html


def to_finding(discrepancy_id: str, text: str) -> Html:
    """A link to where the page tells a discrepancy."""
    return Html(f'<a href="#{escape(discrepancy_id)}">{escape(text)}</a>')


def to_code(code: str) -> Html:
    """A link to the first discrepancy of a code."""
    return Html(f'<a href="#code-{escape(code)}">{escape(code)}</a>')


def to_file(path: str, text: str | None = None) -> str:
    """A link to a file of the run; the page puts the way to its folder before it."""
    return f'<a href="./{quote(path)}">{escape(text or path)}</a>'
