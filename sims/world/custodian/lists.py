"""Lists, newest first unless asked otherwise, paged by the id of the last row seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sims.world.custodian.errors import invalid, not_found
from sims.world.custodian.params import Params, moment, text, whole
from sims.world.custodian.wire import Wire
from sims.world.table import R, Table

PAGE_SIZE_MAX = 50


def page(
    table: Table[R],
    params: Params,
    shape: Callable[[R], Wire],
    *,
    rows: Sequence[R] | None = None,
    is_wanted: Callable[[R], bool] = lambda _: True,
) -> list[Wire]:
    """Give one page. Whoever gets a full one asks for the next after its last row."""
    size = whole(params, "pageSize", 10, 1, PAGE_SIZE_MAX)
    order = text(params, "order", "DESC")
    if order not in ("ASC", "DESC"):
        raise invalid("'order' must be ASC or DESC")
    first, last = moment(params, "from"), moment(params, "to")
    since = table.since(first) if first else 0
    candidates = table.rows[since:] if rows is None else list(rows)
    candidates = [
        row
        for row in candidates
        if (first is None or row.created_at >= first)
        and (last is None or row.created_at <= last)
        and is_wanted(row)
    ]
    if order == "DESC":
        candidates.reverse()
    after, before = text(params, "pageAfter"), text(params, "pageBefore")
    if after and before:
        raise invalid("use 'pageAfter' or 'pageBefore', not both")
    if not after and not before:
        return [shape(row) for row in candidates[:size]]
    mark = _position(table, after or before)
    is_later = (order == "ASC") == bool(after)
    beyond = [r for r in candidates if (_position(table, r.id) > mark) == is_later]
    beyond = [row for row in beyond if row.id not in (after, before)]
    return [shape(row) for row in (beyond[:size] if after else beyond[-size:])]


def _position(table: Table[R], id: str) -> int:
    if id not in table.positions:
        raise not_found("object", id)
    return table.positions[id]
