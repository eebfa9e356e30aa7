"""What the files of the list are made from: a table in its order, and what its rows share.

Rows share rule, message, fields …: what they share stands once, in a small table, and is looked
up in a list by number. A join would lose the order of the rows, and sorting them again takes
longer than writing them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Column:
    """One column of a list.

    Attributes
    ----------
    name, heading
        In the database, and in the sheet.
    width
        In characters.
    is_number
        Whether its cells are numbers.
    is_common
        Whether it is a column of the sheet's `common` table and not of its own.
    """

    name: str
    heading: str
    width: int = 14
    is_number: bool = False
    is_common: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table to write.

    Attributes
    ----------
    name
        Of the sheet.
    table
        The table: its rows come in the order in which they were made.
    columns
        What to write.
    common, key
        A small table that holds what rows of one `key` have in common, and the key, which numbers
        its rows from 1; None for none.
    """

    name: str
    table: str
    columns: tuple[Column, ...]
    common: str | None = None
    key: str | None = None

    @property
    def shared(self) -> tuple[Column, ...]:
        """The columns of the common table."""
        return tuple(column for column in self.columns if column.is_common)


def shared_rows(
    connection: duckdb.DuckDBPyConnection, sheet: Sheet, columns: Sequence[Column]
) -> list[tuple[object, ...]]:
    """Return the rows of the common table, in the order of their number."""
    names = ", ".join(f'"{column.name}"' for column in columns)
    query = f"select {names} from {sheet.common} order by {sheet.key}"  # noqa: S608 - our own names
    return connection.execute(query).fetchall()


def keep(connection: duckdb.DuckDBPyConnection, name: str, values: Sequence[object]) -> None:
    """Keep a list for `looked_up`, for as long as the connection lasts."""
    connection.execute(f"set variable {name} = ?", [list(values)])


def looked_up(name: str, number: str) -> str:
    """Return the SQL that takes from a kept list the value of a number, counted from 1."""
    return f"getvariable('{name}')[{number}]"
