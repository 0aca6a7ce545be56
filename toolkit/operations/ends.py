"""How an operator's command ends, in numbers that scripts can rely on."""

from __future__ import annotations

import sys

DONE, WAITING, REFUSED = 0, 1, 2
USAGE, UNREACHABLE = 64, 69  # as sysexits.h has them


def complain(what: str, exit_status: int) -> int:
    """Say what is wrong and what to do, where errors go."""
    print(what, file=sys.stderr)
    return exit_status
