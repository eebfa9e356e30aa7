"""A table of one authority's pages: as printed, with the SQL beneath it and the CSV beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common_py.warehouse import sql
from publish_py.protect import Protected
from publish_py.source import SQL_FOLDER
from publish_py.tables import interval, number

_DASH = "–"
_NAMED = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Entry:
    """What stands in one place: a text, what is printed small beneath it, and why it is hidden.

    Attributes
    ----------
    text, beneath
        The value and its interval or reason.
    hidden
        Why a value is not shown, where it is not; its text is then `c`.
    """

    text: str
    beneath: str = ""
    hidden: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a table: its label, what is printed small beneath that, and its entries."""

    label: str
    entries: tuple[Entry, ...]
    beneath: str = ""
    is_own: bool = False


@dataclass(frozen=True)
class LocalTable:
    """A table with its words.

    Attributes
    ----------
    slug
        Its name in links, and of its CSV file.
    title, note
        What the page prints above it.
    columns
        Headings: of the labels first, then of the entries.
    lines
        What it says.
    query
        The SQL that its numbers come from, with every parameter filled in.
    header, records
        The same numbers for the CSV file.
    n_texts
        How many entries of a line, from the first, are words and not numbers.
    is_real
        Whether its numbers are published ones, which no SYNTHETIC mark is for.
    is_top
        Whether it stands for itself, and not folded beneath the table before it.
    """

    slug: str
    title: str
    note: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    query: str
    header: tuple[str, ...]
    records: tuple[tuple[object, ...], ...]
    n_texts: int = 0
    is_real: bool = False
    is_top: bool = True


def entry(value: Protected, kind: str, *, beneath: str = "") -> Entry:
    """Return a protected value as it is printed, with its interval or the reason beneath it."""
    if value.is_suppressed:
        return Entry("c", hidden=value.reason)
    small = interval(value.ci_low, value.ci_high, kind) or beneath
    if value.value is None and not small:
        small = value.reason
    return Entry(number(value.value, kind), small)


def plain_entry(
    value: float | None, kind: str, low: float | None = None, high: float | None = None
) -> Entry:
    """Return a public value as it is printed."""
    return Entry(number(value, kind), interval(low, high, kind))


def numbers(value: Protected) -> tuple[object, ...]:
    """Return value, limits, whether it is hidden, and the reason, for a CSV file."""
    return (
        value.value,
        value.ci_low,
        value.ci_high,
        str(value.is_suppressed).lower(),
        value.reason,
    )


def grid(
    found: Iterable[Mapping[str, Any]], rows: Sequence[str], columns: Sequence[str], value: str
) -> tuple[list[tuple[Any, ...]], dict[tuple[Any, Any], Protected]]:
    """Return the column keys of rows, in their order, and the value of each row and column."""
    cells: dict[tuple[Any, Any], Protected] = {}
    across: dict[tuple[Any, ...], None] = {}
    for row in found:
        column = tuple(row[name] for name in columns)
        across.setdefault(column)
        cells[tuple(row[name] for name in rows), column] = row[value]
    return list(across), cells


def query(name: str, **parameters: object) -> str:
    """Return the text of a query with its parameters filled in, to be run as it stands."""
    return filled(sql(SQL_FOLDER, name), parameters)


def both(one: str, other: str) -> str:
    """Return two queries as one text: a table may stand on both."""
    return f"{one}\n;\n\n{other}"


def filled(text: str, parameters: Mapping[str, object]) -> str:
    """Return a query with `$name` replaced by a literal of each parameter."""

    def literal(found: re.Match[str]) -> str:
        value = parameters[found.group(1)]
        if isinstance(value, int | float):
            return str(value)
        return "'" + str(value).replace("'", "''") + "'"

    return _NAMED.sub(literal, text).rstrip()
