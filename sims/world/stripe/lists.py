"""Lists, newest first, paged by the id of the last row seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sims.world.stripe.errors import invalid_parameter, no_such
from sims.world.stripe.params import Params, integer, refuse_unknown, text
from sims.world.stripe.wire import Wire, listed, unix
from sims.world.table import R, Table

PAGING = frozenset({"limit", "starting_after", "ending_before", "created"})


@dataclass(frozen=True, slots=True)
class Created:
    """The bounds of `created`, in Unix seconds, both inclusive."""

    first: int
    last: int

    def holds(self, moment: datetime) -> bool:
        return self.first <= unix(moment) <= self.last


def page(
    table: Table[R],
    params: Params,
    url: str,
    shape: Callable[[R], Wire],
    *,
    references: Sequence[str] = (),
    attributes: Sequence[str] = (),
    rows: Sequence[R] | None = None,
) -> Wire:
    """One page. References are looked up in the index, attributes compared row by row."""
    refuse_unknown(params, PAGING | {*references, *attributes})
    limit = integer(params, "limit")
    limit = 10 if limit is None else limit
    if not 1 <= limit <= 100:
        raise invalid_parameter("Invalid limit: must be from 1 to 100.", "limit")
    wanted = {name: value for name in references if (value := text(params, name))}
    candidates = table.rows if rows is None else rows
    if wanted:
        candidates = table.referring(*next(iter(wanted.items())))
    wanted |= {name: value for name in attributes if (value := text(params, name))}
    walk = _walk(table, candidates, params)
    created = _created(params)
    taken: list[R] = []
    for row in walk:
        if unix(row.created_at) < created.first and "ending_before" not in params:
            break  # Rows only get older from here.
        if created.holds(row.created_at) and _fits(row, wanted):
            taken.append(row)
            if len(taken) > limit:
                break
    shown = taken[:limit]
    if "ending_before" in params:
        shown.reverse()
    return listed(url, [shape(row) for row in shown], has_more=len(taken) > limit)


def _walk(table: Table[R], candidates: Sequence[R], params: Params) -> Iterator[R]:
    after, before = text(params, "starting_after"), text(params, "ending_before")
    if after and before:
        raise invalid_parameter("Use starting_after or ending_before, not both.", "limit")
    for name, id in (("starting_after", after), ("ending_before", before)):
        if id and table.get(id) is None:
            raise no_such("object", id, name, 400)
    if before:
        start = table.place(candidates, before) + 1
        return (candidates[index] for index in range(start, len(candidates)))
    start = table.place(candidates, after) if after else len(candidates)
    return (candidates[index] for index in range(start - 1, -1, -1))


def _created(params: Params) -> Created:
    value = params.get("created")
    if value is None:
        return Created(0, 2**62)
    if not isinstance(value, Mapping):
        moment = integer(params, "created") or 0
        return Created(moment, moment)
    refuse_unknown(value, frozenset({"gt", "gte", "lt", "lte"}))
    bounds = {name: integer(value, name) for name in value}
    first = max(bounds.get("gte") or 0, (bounds.get("gt") or -1) + 1)
    last = min(
        2**62 if (lte := bounds.get("lte")) is None else lte,
        2**62 if (lt := bounds.get("lt")) is None else lt - 1,
    )
    return Created(first, last)


def _fits(row: R, wanted: Mapping[str, str]) -> bool:
    return all(getattr(row, name) == value for name, value in wanted.items())
