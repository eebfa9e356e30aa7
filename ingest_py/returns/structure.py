"""The shape of a CIN return by year: `structure.csv` read into a tree of elements.

The data file restates the Department for Education's message structure, one row an element in
document order: its path, what it is, the landing column it fills, and the census years in which
the message has it (an empty last year: still). To take up a new element, add a row.

Kinds: `row` makes a row of its table each time it occurs; `group` only holds others; `value` fills
a column of the row around it; `item` is a value that repeats and makes a row each time; `skipped`
is known and not kept (filing information of the collection system).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

STRUCTURE_FILE = Path(__file__).with_name("structure.csv")
ROOT, HEADER, CHILDREN, CHILD = "Message", "Header", "Children", "Child"


class Kind(StrEnum):
    """What an element is to the reader."""

    ROW = "row"
    GROUP = "group"
    VALUE = "value"
    ITEM = "item"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Element:
    """One element of the message.

    Attributes
    ----------
    path
        Names from the root down, joined by slashes.
    kind, table, column
        What it is; the landing table it makes rows of or fills, and the column.
    first_year, last_year
        Census years (ending 31 March) in which the message has it; None for still.
    members
        The elements it may hold, in document order.
    """

    path: str
    kind: Kind
    table: str
    column: str
    first_year: int
    last_year: int | None
    members: tuple[Element, ...]

    @property
    def name(self) -> str:
        """The element's own name."""
        return self.path.rpartition("/")[2]

    def is_in(self, census_year: int) -> bool:
        """Whether the message of a census year has the element."""
        return self.first_year <= census_year and (
            self.last_year is None or census_year <= self.last_year
        )

    def walk(self) -> Iterator[Element]:
        """Yield the element and all below it, in document order."""
        yield self
        for member in self.members:
            yield from member.walk()

    def member(self, name: str) -> Element | None:
        """Return the member of that name, or None."""
        return next((member for member in self.members if member.name == name), None)


@cache
def message() -> Element:
    """Return the whole message as a tree; years earlier or later than known use the same tree."""
    with STRUCTURE_FILE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return Element(ROOT, Kind.GROUP, "", "", 0, None, _members(ROOT, rows))


def _members(path: str, rows: list[dict[str, str]]) -> tuple[Element, ...]:
    return tuple(
        Element(
            path=row["path"],
            kind=Kind(row["kind"]),
            table=row["table"],
            column=row["column"],
            first_year=int(row["first_year"]),
            last_year=int(row["last_year"]) if row["last_year"] else None,
            members=_members(row["path"], rows),
        )
        for row in rows
        if row["path"].rpartition("/")[0] == path
    )


@cache
def header() -> Element:
    """Return the header of the message."""
    return _named(message(), HEADER)


@cache
def child() -> Element:
    """Return the element of one child."""
    return _named(_named(message(), CHILDREN), CHILD)


def _named(parent: Element, name: str) -> Element:
    found = parent.member(name)
    if found is None:
        raise LookupError(f"{STRUCTURE_FILE.name} has no element {parent.path}/{name}")
    return found
