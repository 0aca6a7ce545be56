"""A hash chain over the evidence: whoever keeps its last link can tell any later change.

A link is the SHA-256 of the text `<previous link><digest of the file>`, both hexadecimal:
`printf '%s%s' PREVIOUS DIGEST | sha256sum` makes it anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64


def chain(digests: Mapping[str, str]) -> dict[str, Any]:
    """The links over files in the order given."""
    links = []
    previous = GENESIS
    for name, digest in digests.items():
        previous = link(previous, digest)
        links.append({"file": name, "sha256": digest, "link": previous})
    return {"genesis": GENESIS, "links": links, "last_link": previous}


def link(previous: str, digest: str) -> str:
    """The next link of a chain."""
    return hashlib.sha256((previous + digest).encode()).hexdigest()
