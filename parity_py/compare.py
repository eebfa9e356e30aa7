"""Rows of two relations compared as multisets, doubles to a relative tolerance, in DuckDB.

Rows are paired one to one: by the key, and where a key stands more than once by its place among
its equals, in order of the other columns. What finds no partner stands in one of the two alone.
A key that a hash tells apart is unique, so that numbering the equals is mostly left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

TOLERANCE = 1e-12
"""Relative: two engines, and two runs of one, add the same numbers in another order."""

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
          "UINTEGER", "UBIGINT", "UHUGEINT")  # fmt: skip
_TIE = "__place_among_equals"
_HERE = "__is_here"
_PLACE = "__place"


@dataclass(frozen=True)
class Pair:
    """A row that differs: where it stands, and its differing columns.

    Attributes
    ----------
    key
        Column and value; for rows whose values are not shown, the row's place in key order in
        one relation and in the other (None where it is absent).
    stands_in
        `both`, `one` or `other`.
    values
        Differing columns with the value in one and in the other; None for values not shown.
    """

    key: tuple[tuple[str, Any], ...]
    stands_in: str
    values: tuple[tuple[str, tuple[Any, Any] | None], ...] = ()


@dataclass(frozen=True)
class Compared:
    """How two relations differ.

    Attributes
    ----------
    n_one, n_other
        Rows.
    n_changed, n_only_one, n_only_other
        Rows of both that differ, and rows of one or the other alone.
    n_repeated
        Rows beyond the first of their key, in one and in the other.
    columns
        What is wrong with names, types and order of columns, in words.
    changed
        How many rows differ, by column.
    settled
        The same for columns that rightly differ: these are in no other number.
    first
        The first differing rows, in the order of the key.
    """

    n_one: int = 0
    n_other: int = 0
    n_changed: int = 0
    n_only_one: int = 0
    n_only_other: int = 0
    n_repeated: tuple[int, int] = (0, 0)
    columns: tuple[str, ...] = ()
    changed: dict[str, int] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    first: tuple[Pair, ...] = ()

    @property
    def n_differing(self) -> int:
        """Rows that differ."""
        return self.n_changed + self.n_only_one + self.n_only_other

    @property
    def is_same(self) -> bool:
        """Whether nothing differs, columns included."""
        return not self.n_differing and not self.columns


def compare(
    connection: duckdb.DuckDBPyConnection,
    one: str,
    other: str,
    key: Sequence[str] | None = None,
    *,
    settled: Collection[str] = (),
    left_out: Collection[str] = (),
    shows_values: bool = True,
    n_shown: int = 3,
    magnitudes: Mapping[str, float] | None = None,
) -> Compared:
    """Compare two relations.

    Parameters
    ----------
    connection
        Where both can be read.
    one, other
        What stands after `from`, as SQL.
    key
        Columns that tell rows apart, of no floating-point type; all such columns if None. If empty,
        rows are paired by their place in order of all columns.
    settled, left_out
        Columns that are compared but not counted, and columns that are not looked at.
    shows_values
        Whether `first` holds values, or places only.
    n_shown
        How many differing rows `first` holds.
    magnitudes
        Columns of floating-point numbers that are small by what was taken from them: the tolerance
        is relative to at least this much, and to the larger of the two numbers elsewhere.
    """
    types, others = (_types(connection, relation, left_out) for relation in (one, other))
    columns = tuple(_other_columns(types, others))
    common = [
        name for name in types if name in others and _kind(types[name]) == _kind(others[name])
    ]
    if not set(key or ()) <= set(common):
        n_one, n_other = (_count(connection, relation) for relation in (one, other))
        said = "rows are not compared: the key differs in name or type"
        return Compared(n_one, n_other, columns=(*columns, said))
    kinds = {name: _kind(types[name]) for name in common}
    if key is None:
        key = [name for name in common if kinds[name] != "number" and name not in settled]
    work = _Work(connection, (one, other), tuple(key), kinds, magnitudes or {})
    return work.done(columns, set(settled), shows_values=shows_values, n_shown=n_shown)


class _Work:
    """The queries of one comparison."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        relations: tuple[str, str],
        key: tuple[str, ...],
        kinds: dict[str, str],
        magnitudes: Mapping[str, float],
    ) -> None:
        exact = [name for name, kind in kinds.items() if kind != "number"]
        numbers = [name for name in kinds if name not in exact]
        self._connection, self._relations, self._key = connection, relations, key
        self._repeated = (self._n_repeated(relations[0]), self._n_repeated(relations[1]))
        self._is_tied = any(self._repeated) or not key
        self._columns = [*exact, *numbers]
        self._order = _listed(_name(name) for name in (*exact, *numbers) if name not in key)
        self._compared = [name for name in self._columns if name not in key]
        self._same = {name: _same_exactly(name) for name in exact} | {
            name: _same_number(name, magnitudes.get(name, 0.0)) for name in numbers
        }

    def done(
        self, columns: tuple[str, ...], settled: set[str], *, shows_values: bool, n_shown: int
    ) -> Compared:
        counted = [name for name in self._compared if name not in settled]
        both = f"one.{_HERE} and other.{_HERE}"
        numbers = [
            f"count(one.{_HERE})",
            f"count(other.{_HERE})",
            f"count(*) filter (where other.{_HERE} is null)",
            f"count(*) filter (where one.{_HERE} is null)",
            f"count(*) filter (where {both} and {self._differs(counted)})",
            *(f"count(*) filter (where {both} and not {self._same[n]})" for n in self._compared),
        ]
        (found,) = self._connection.execute(
            f"select {_listed(numbers)} from {self._joined()}"  # noqa: S608 - names of our marts
        ).fetchall()
        by_column = {n: m for n, m in zip(self._compared, found[5:], strict=True) if m}
        compared = Compared(
            n_one=found[0],
            n_other=found[1],
            n_only_one=found[2],
            n_only_other=found[3],
            n_changed=found[4],
            n_repeated=self._repeated,
            columns=columns,
            changed={name: n for name, n in by_column.items() if name not in settled},
            settled={name: n for name, n in by_column.items() if name in settled},
        )
        if not compared.n_differing or not n_shown:
            return compared
        first = self._first(counted, n_shown, shows_values=shows_values)
        return Compared(**{**vars(compared), "first": first})

    def _n_repeated(self, relation: str) -> int:
        """Return the rows beyond the first of their key.

        Keys that differ in their hash are told apart by it, at a fifth of the cost.
        """
        key = _listed(_name(name) for name in self._key)
        n = 0
        for group in (f"hash({key})", key) if key else ():
            ((n,),) = self._connection.execute(
                "select cast(coalesce(sum(n) - count(*), 0) as bigint) "  # noqa: S608 - our names
                f"from (select count(*) as n from {relation} group by {group})"
            ).fetchall()
            if not n:
                break
        return int(n)

    def _joined(self, *, has_places: bool = False) -> str:
        one, other = (self._side(relation, has_places) for relation in self._relations)
        key = [*self._key, *([_TIE] if self._is_tied else [])]
        on = " and ".join(f"one.{_name(n)} is not distinct from other.{_name(n)}" for n in key)
        return f"{one} as one full outer join {other} as other on {on}"

    def _side(self, relation: str, has_places: bool) -> str:
        key = _listed(_name(name) for name in self._key)
        parts = [*(_name(name) for name in self._columns), f"true as {_HERE}"]
        if self._is_tied:
            within = f"partition by {key} " if key else ""
            order = f"order by {self._order}" if self._order else ""
            parts.append(f"row_number() over ({within}{order}) as {_TIE}")
        if has_places:
            order = ", ".join(part for part in (key, self._order) if part)
            parts.append(f"row_number() over (order by {order}) as {_PLACE}")
        return f"(select {_listed(parts)} from {relation})"  # noqa: S608 - names of our marts

    def _differs(self, names: Sequence[str]) -> str:
        return f"not ({' and '.join(self._same[name] for name in names) or 'true'})"

    def _first(self, counted: list[str], n_shown: int, *, shows_values: bool) -> tuple[Pair, ...]:
        flags = [f"not {self._same[name]}" for name in counted]
        if shows_values:
            key = [_either(name) for name in self._key]
            values = [f"{side}.{_name(n)}" for n in counted for side in ("one", "other")]
        else:
            key, values = [f"one.{_PLACE}", f"other.{_PLACE}"], []
        head = [f"one.{_HERE}", f"other.{_HERE}", *key, *flags, *values]
        order = _listed([_either(name) for name in self._key] or ["1", "2"])
        rows = self._connection.execute(
            f"select {_listed(head)} from {self._joined(has_places=not shows_values)} "  # noqa: S608
            f"where one.{_HERE} is null or other.{_HERE} is null or {self._differs(counted)} "
            f"order by {order} limit {int(n_shown)}"
        ).fetchall()
        names = self._key if shows_values else ("row of the first", "row of the second")
        return tuple(_pair(row, names, counted, shows_values) for row in rows)


def _pair(
    row: Sequence[Any], key: Sequence[str], counted: Sequence[str], shows_values: bool
) -> Pair:
    here, rest = row[:2], row[2:]
    keyed, rest = tuple(zip(key, rest[: len(key)], strict=True)), rest[len(key) :]
    if not all(here):
        return Pair(keyed, "one" if here[0] else "other")
    flags, values = rest[: len(counted)], rest[len(counted) :]
    differing = [place for place, flag in enumerate(flags) if flag]
    return Pair(
        keyed,
        "both",
        tuple(
            (counted[at], (values[2 * at], values[2 * at + 1]) if shows_values else None)
            for at in differing
        ),
    )


def _types(
    connection: duckdb.DuckDBPyConnection, relation: str, left_out: Collection[str]
) -> dict[str, str]:
    found = connection.execute(f"describe select * from {relation}").fetchall()  # noqa: S608
    return {row[0]: row[1] for row in found if row[0] not in left_out}


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    ((n,),) = connection.execute(f"select count(*) from {relation}").fetchall()  # noqa: S608
    return int(n)


def _other_columns(one: dict[str, str], other: dict[str, str]) -> Iterable[str]:
    """Say how names, types and order of columns differ."""
    for name, type_ in one.items():
        if name not in other:
            yield f"column {name} is in the first alone"
        elif type_ != other[name]:
            yield f"column {name} is {type_} in the first, {other[name]} in the second"
    for name in other:
        if name not in one:
            yield f"column {name} is in the second alone"
    common = [name for name in one if name in other]
    moved = [name for name in other if name in one]
    for first, second in zip(common, moved, strict=True):
        if first != second:
            yield f"columns stand in another order: {first} in the first, {second} in the second"
            return


def _kind(type_: str) -> str:
    """Return what a type is compared as."""
    if type_ in _WHOLE:
        return "whole number"
    return "number" if type_.startswith(("DOUBLE", "FLOAT", "REAL", "DECIMAL")) else type_


def _same_exactly(name: str) -> str:
    return f"(one.{_name(name)} is not distinct from other.{_name(name)})"


def _same_number(name: str, magnitude: float) -> str:
    """Not-a-number and infinity are themselves alone; NULL is no number."""
    x, y = (f"cast({side}.{_name(name)} as double)" for side in ("one", "other"))
    size = f"greatest(abs({x}), abs({y}), {magnitude!r})"
    return (
        f"({x} is not distinct from {y} or coalesce(isfinite({x}) and isfinite({y}) "
        f"and abs({x} - {y}) <= {TOLERANCE!r} * {size}, false))"
    )


def _either(name: str) -> str:
    return f"coalesce(one.{_name(name)}, other.{_name(name)})"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)
