"""Write a script of DuckDB's SQL as Spark's, statement by statement.

sqlglot parses and prints. What the two engines mean by the same words is brought together
by the transformations here, each small and of one thing. Two of them need to know the
columns of a query, and ask Spark for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator

# Whose rows are told apart by DuckDB's `rowid`: Spark has none and stores one beside them.
NUMBERED = frozenset({"escrow_events", "known_bookings", "known_movements"})
ROWID = "rowid"
# What DuckDB's strftime and Spark's date_format call the same moment.
MOMENTS = {"%Y-%m-%dT%H:%M:%SZ": "yyyy-MM-dd'T'HH:mm:ss'Z'"}
BRACES = {"{{": "{", "}}": "}"}

Columns = Callable[[str], list[str]]
"""Tells the columns of a query in Spark's SQL."""
Transformation = Callable[[exp.Expr], exp.Expr]


class Written(Spark):
    """Spark as it is today: it knows `qualify` itself."""

    class Generator(SparkGenerator):
        """Print a select as it stands."""

        TRANSFORMS = {  # noqa: RUF012 - sqlglot reads it from the class
            kind: write
            for kind, write in SparkGenerator.TRANSFORMS.items()
            if kind is not exp.Select
        }


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro of DuckDB: an expression with parameters."""

    parameters: tuple[str, ...]
    body: exp.Expr


def macro(parameters: list[str], definition: str) -> Macro:
    """Read a macro."""
    return Macro(tuple(parameters), sqlglot.parse_one(definition, read="duckdb"))


def statements(script: str) -> Iterator[exp.Expr]:
    """The statements of a script of DuckDB's SQL."""
    for statement in sqlglot.parse(script, read="duckdb"):
        if statement is not None:
            yield statement


def named_tables(statement: exp.Expr) -> set[str]:
    """Every relation that a statement names."""
    return {table.name for table in statement.find_all(exp.Table)}


def is_recursive(statement: exp.Expr) -> bool:
    """Whether a query of the statement names itself."""
    return any(named.args.get("recursive") for named in statement.find_all(exp.With))


def created_name(statement: exp.Create) -> str:
    """What a statement creates, with its columns or without."""
    named = (
        statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    )
    return str(named.name)


def translated(statement: exp.Expr, macros: Mapping[str, Macro], columns: Columns) -> str:
    """A statement in Spark's SQL."""
    tree = statement.copy()
    for inner in tree.find_all(exp.Expr):
        inner.pop_comments()
    tree = _macros_written_out(tree, macros)
    for transformation in TRANSFORMATIONS:
        tree = _everywhere(tree, transformation)
    _columns_written_out(tree, columns)
    return tree.sql(dialect=Written, pretty=True)


def _everywhere(tree: exp.Expr, transformation: Transformation) -> exp.Expr:
    """Transform every node, the inner ones before those that hold them."""
    for node in reversed(list(tree.bfs())):
        changed = transformation(node)
        if node is tree:
            tree = changed
        elif changed is not node:
            node.replace(changed)
    return tree


def _macros_written_out(tree: exp.Expr, macros: Mapping[str, Macro]) -> exp.Expr:
    """Put the body of a macro where it is called, again and again until none is left."""

    def written_out(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Anonymous) or node.name.lower() not in macros:
            return node
        called = macros[node.name.lower()]
        given = dict(zip(called.parameters, node.expressions, strict=True))

        def filled(inner: exp.Expr) -> exp.Expr:
            if isinstance(inner, exp.Column) and not inner.table and inner.name in given:
                return exp.paren(given[inner.name].copy())
            return inner

        body = _everywhere(called.body.copy(), filled)
        return exp.paren(_macros_written_out(body, macros))

    return _everywhere(tree, written_out)


def _joined_on_one_side(node: exp.Expr) -> exp.Expr:
    """`semi join` and `anti join` are of the left side."""
    if isinstance(node, exp.Join) and node.kind in {"SEMI", "ANTI"}:
        node.set("side", "LEFT")
    return node


def _format_as_concatenation(node: exp.Expr) -> exp.Expr:
    """`format` with `{}` puts texts together, and is null where one of them is."""
    if not isinstance(node, exp.Format):
        return node
    pattern = node.this.name
    given = iter(node.expressions)
    parts = [
        _text(next(given))
        if piece == "{}"
        else exp.Literal.string(BRACES.get(piece, piece))
        for piece in re.split(r"(\{\{|\}\}|\{\})", pattern)
        if piece
    ]
    whole, *rest = parts
    for part in rest:
        whole = exp.DPipe(this=whole, expression=part, safe=False)
    return exp.paren(whole)


def _text(value: exp.Expr) -> exp.Expr:
    return exp.cast(value.copy(), "text")


def _texts_joined(node: exp.Expr) -> exp.Expr:
    """`concat_ws` takes moments and numbers as text."""
    if isinstance(node, exp.ConcatWs):
        separator, *parts = node.expressions
        node.set("expressions", [separator, *map(_text, parts)])
    return node


def _hours_by_their_borders(node: exp.Expr) -> exp.Expr:
    """DuckDB counts the full hours of the clock in between, Spark spans of 60 minutes."""
    if not isinstance(node, exp.DateDiff):
        return node
    unit = exp.var(node.text("unit").upper())
    start, end = (
        exp.Anonymous(
            this="DATE_TRUNC", expressions=[exp.Literal.string(unit.name), side.copy()]
        )
        for side in (node.expression, node.this)
    )
    return exp.Anonymous(this="TIMESTAMPDIFF", expressions=[unit, start, end])


def _microseconds(node: exp.Expr) -> exp.Expr:
    """They are counted from a moment with a zone; the session's is UTC."""
    if isinstance(node, exp.Anonymous) and node.name.lower() == "epoch_us":
        moment = exp.cast(node.expressions[0].copy(), "timestamptz")
        return exp.Anonymous(this="UNIX_MICROS", expressions=[moment])
    return node


def _wide_integers(node: exp.Expr) -> exp.Expr:
    """Spark's integers end at 64 bits; a decimal holds what a hugeint does here."""
    if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.INT128:
        return exp.DataType.build("decimal(38, 0)")
    if isinstance(node, exp.BitwiseLeftShift):
        factor = exp.Literal.number(2 ** int(node.expression.name))
        return exp.paren(exp.Mul(this=node.this.copy(), expression=factor))
    return node


def _whole_text_matched(node: exp.Expr) -> exp.Expr:
    """A pattern that has to fit the whole text."""
    if isinstance(node, exp.RegexpFullMatch):
        pattern = exp.Literal.string(f"^({node.expression.name})$")
        return exp.RegexpLike(this=node.this.copy(), expression=pattern)
    return node


def _moments_as_text(node: exp.Expr) -> exp.Expr:
    """A moment in the form that machines exchange."""
    if isinstance(node, exp.TimeToStr):
        form = exp.Literal.string(MOMENTS[node.text("format")])
        return exp.Anonymous(this="DATE_FORMAT", expressions=[node.this.copy(), form])
    return node


def _stored_as_parquet(node: exp.Expr) -> exp.Expr:
    """A table is Parquet."""
    if isinstance(node, exp.Create) and node.kind == "TABLE":
        form = exp.FileFormatProperty(this=exp.var("PARQUET"))
        node.set("properties", exp.Properties(expressions=[form]))
    return node


def _rows_numbered(node: exp.Expr) -> exp.Expr:
    """Rows that are told apart get a number, on from those that are there."""
    if not isinstance(node, exp.Create | exp.Insert) or node.text("kind") == "VIEW":
        return node
    name = node.this.name
    if name not in NUMBERED or not isinstance(node.expression, exp.Query):
        return node
    number = "monotonically_increasing_id()"
    if isinstance(node, exp.Insert):
        number = f"(select max({ROWID}) + 1 from {name}) + {number}"
    numbered = exp.select(
        exp.alias_(sqlglot.parse_one(number, read=Written), ROWID), "*"
    ).from_(node.expression.subquery("row"))
    node.set("expression", numbered)
    return node


def _row_numbers_left_out(node: exp.Expr) -> exp.Expr:
    """A star is what was reported, without the number that is stored beside it."""
    if not isinstance(node, exp.Star) or isinstance(node.parent, exp.Count):
        return node
    select = node.find_ancestor(exp.Select)
    assert select is not None, "a star is selected"
    named = node.parent.text("table") if isinstance(node.parent, exp.Column) else None
    sources = [select.args.get("from_"), *select.args.get("joins", ())]
    for table in (source.this for source in sources if source is not None):
        if table.name in NUMBERED and named in {None, table.alias_or_name}:
            node.set("except_", [*(node.args.get("except_") or ()), exp.column(ROWID)])
    return node


TRANSFORMATIONS = (
    _joined_on_one_side,
    _format_as_concatenation,
    _texts_joined,
    _hours_by_their_borders,
    _microseconds,
    _wide_integers,
    _whole_text_matched,
    _moments_as_text,
    _stored_as_parquet,
    _row_numbers_left_out,
    _rows_numbered,
)


def _columns_written_out(node: exp.Expr, columns: Columns) -> None:
    """Write out what Spark does not know: `replace`, and `union by name`.

    What a query is made of is written before the query, so that Spark can be asked for it.
    """
    parts = sorted(node.iter_expressions(), key=lambda part: part.arg_key != "with_")
    for part in parts:
        _columns_written_out(part, columns)
    if isinstance(node, exp.Select):
        _write_stars_out(node, columns)
    if isinstance(node, exp.Union) and node.args.get("by_name"):
        _align(node, columns)


def _write_stars_out(select: exp.Select, columns: Columns) -> None:
    """`* replace (expression as column)` as the columns in their order."""
    written: list[exp.Expr] = []
    for shown in select.expressions:
        star = shown.this if isinstance(shown, exp.Column) else shown
        if not isinstance(star, exp.Star) or not star.args.get("replace"):
            written.append(shown)
            continue
        replaced = {alias.alias: alias for alias in star.args["replace"]}
        star.set("replace", None)
        probe = exp.select(shown.copy())
        for part in ("from_", "joins"):
            probe.set(part, _copied(select.args.get(part)))
        written += [
            replaced.get(name) or exp.column(name, table=shown.text("table") or None)
            for name in columns(_asked(probe, select))
        ]
    select.set("expressions", written)


def _align(union: exp.Union, columns: Columns) -> None:
    """Put the columns of both sides into one order; what a side lacks is null."""
    sides = [union.this, union.expression]
    had = [columns(_asked(side.copy(), union)) for side in sides]
    every = list(dict.fromkeys(name for names in had for name in names))
    for side, names in zip(sides, had, strict=True):
        if names == every:
            continue
        shown = [
            exp.column(name) if name in names else exp.alias_(exp.null(), name)
            for name in every
        ]
        side.replace(exp.select(*shown).from_(side.copy().subquery("side")))
    union.set("by_name", False)


def _asked(query: exp.Expr, place: exp.Expr) -> str:
    """A query at one place of a statement, with the queries that are named there."""
    around: list[exp.Expr] = []
    inner: exp.Expr | None = None
    outer: exp.Expr | None = place
    while outer is not None:
        if isinstance(outer, exp.With):
            around[:0] = outer.expressions[: outer.expressions.index(inner)]
        else:
            named = outer.args.get("with_")
            if named is not None and named is not inner:
                around[:0] = named.expressions
        inner, outer = outer, outer.parent
    asked = exp.select("*").from_(
        exp.Subquery(this=query, alias=exp.to_identifier("asked"))
    )
    if around:
        asked.set("with_", exp.With(expressions=[named.copy() for named in around]))
    return asked.sql(dialect=Written)


def _copied(part: object) -> object:
    if isinstance(part, list):
        return [each.copy() for each in part]
    return part.copy() if isinstance(part, exp.Expr) else part
