"""How long a salt is, for whoever draws one and whoever holds a commitment against one."""

from __future__ import annotations

SALT_BYTES = 32
