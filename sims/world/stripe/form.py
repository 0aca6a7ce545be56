"""Forms as Stripe writes them: `metadata[key]`, `created[gte]`, `expand[0]`, `expand[]`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def decode_form(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for name, value in pairs:
        head, *rest = name.replace("]", "").split("[")
        node, step = root, head
        for next_step in rest:
            child = node.setdefault(step, {})
            if not isinstance(child, dict):
                break  # `a=1&a[b]=2` makes no sense; the first one counts.
            node, step = child, next_step or str(len(child))
        else:
            node[step] = value
    return {
        name: value if name == "metadata" else _with_lists(value)
        for name, value in root.items()
    }


def _with_lists(node: Any) -> Any:
    """A hash whose keys count 0, 1, 2 … is an array."""
    if not isinstance(node, dict):
        return node
    values = {name: _with_lists(value) for name, value in node.items()}
    if list(values) == [str(index) for index in range(len(values))]:
        return list(values.values())
    return values
