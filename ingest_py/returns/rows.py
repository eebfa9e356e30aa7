# ruff: noqa: ARG001 - all readers are called alike, and not all need everything
"""From the elements of a child to rows: the inner loop, one small closure an element.

A row is a dict of element name to text (for a repeated value, the text alone), kept beside the
position of the row above it and the line it began on. `compile_reader` turns the structure table
into closures, each of which knows by name what to do with what it may hold; an element it does not
know, it leaves and raises a flag. Keys and columns are the work of `batches`, the account of what
was left is that of `oddities`.

The closures repeat a few lines on purpose: a call more a row is a tenth of the reading time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from ingest_py.returns.structure import Element, Kind

Record = dict[str, str | None]
Reader = Callable[[etree._Element, Record, int], None]


@dataclass
class Rows:
    """The rows of one table in the present batch.

    Attributes
    ----------
    records
        A row each: element name to text, None for none; first the names of `value_names` in their
        order, then any that the structure does not have. Unused for repeated values.
    texts
        For a table of repeated values, the text of each row. Unused otherwise.
    parents
        For each row, the position of the row it belongs to; non-decreasing.
    lines
        For each row, the line its element begins on, as libxml2 tells it: elements keep 16 bits of
        it, so that from line 65,535 on it is the line of the first value inside.
    """

    records: list[Record] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def clear(self) -> None:
        """Forget the batch."""
        for column in (self.records, self.texts, self.parents, self.lines):
            column.clear()


@dataclass
class Flags:
    """What the readers noticed in the present batch.

    Attributes
    ----------
    unknown
        Whether an element was met that the structure does not have; one among nothing but values
        shows as a name too many in its record instead.
    """

    unknown: bool = False


def compile_reader(element: Element, tables: dict[str, Rows], flags: Flags) -> Reader:
    """Compile the structure of an element into the function that reads one.

    Parameters
    ----------
    element
        The structure, of a child say.
    tables
        The rows to append to, by table name.
    flags
        Where the readers say what they noticed.

    Returns
    -------
    Reader
        Called with an element, the record of the row around it and that row's position.
    """
    if element.kind in (Kind.SKIPPED, Kind.ITEM):
        return _skip if element.kind is Kind.SKIPPED else _item(tables[element.table])
    members = element.members
    if len(members) == 1 and members[0].kind is Kind.ITEM:
        return _items(members[0].name, tables[members[0].table], flags)
    empty = dict.fromkeys(value_names(element))
    is_row = element.kind is Kind.ROW
    if all(member.kind is Kind.VALUE for member in members):
        flat = _flat_row(empty, tables[element.table]) if is_row else None
        return flat or _flat_group(frozenset(empty), flags)
    readers = {
        member.name: None if member.kind is Kind.VALUE else compile_reader(member, tables, flags)
        for member in members
    }
    return _row(empty, readers, tables[element.table], flags) if is_row else _group(readers, flags)


def value_names(row: Element) -> tuple[str, ...]:
    """Return the names of the values of a row in document order, those in its groups included."""
    names: tuple[str, ...] = ()
    for member in row.members:
        if member.kind is Kind.VALUE:
            names += (member.name,)
        elif member.kind is Kind.GROUP:
            names += value_names(member)
    return names


def _skip(element: etree._Element, record: Record, row: int) -> None:
    """Read nothing of a known element that is not kept."""


def _item(rows: Rows) -> Reader:
    """Read a repeated value that stands among others: a row of one column."""

    def read(element: etree._Element, record: Record, row: int) -> None:
        rows.texts.append(element.text)
        rows.parents.append(row)
        rows.lines.append(element.sourceline)

    return read


def _items(name: str, rows: Rows, flags: Flags) -> Reader:
    """Read a holder of one kind of repeated value."""
    texts, parents, lines = rows.texts, rows.parents, rows.lines

    def read(element: etree._Element, record: Record, row: int) -> None:
        parts = element[:]
        if [part.tag for part in parts].count(name) != len(parts):
            flags.unknown = True
            parts = [part for part in parts if part.tag == name]
        texts.extend([part.text for part in parts])
        lines.extend([part.sourceline for part in parts])
        parents.extend([row] * len(parts))

    return read


def _flat_group(names: frozenset[str], flags: Flags) -> Reader:
    """Read a holder of values of the row around it."""
    covers = names.issuperset

    def read(element: etree._Element, record: Record, row: int) -> None:
        values = {part.tag: part.text for part in element[:]}
        if not covers(values):
            flags.unknown = True
            values = {name: text for name, text in values.items() if name in names}
        record.update(values)

    return read


def _flat_row(empty: Record, rows: Rows) -> Reader:
    """Read a row that holds values only."""
    begin = empty.copy
    add_record, add_parent = rows.records.append, rows.parents.append
    add_line = rows.lines.append

    def read(element: etree._Element, record: Record, row: int) -> None:
        own = begin()
        for part in element[:]:
            own[part.tag] = part.text
        add_record(own)
        add_parent(row)
        add_line(element.sourceline)

    return read


def _group(readers: dict[str, Reader | None], flags: Flags) -> Reader:
    """Read a holder of groups, rows or items that belong to the row around it."""

    def read(element: etree._Element, record: Record, row: int) -> None:
        for part in element[:]:
            name = part.tag
            try:
                reader = readers[name]
            except KeyError:
                flags.unknown = True
                continue
            if reader is None:
                record[name] = part.text
            else:
                reader(part, record, row)

    return read


def _row(empty: Record, readers: dict[str, Reader | None], rows: Rows, flags: Flags) -> Reader:
    """Read a row that holds values and other rows."""
    begin = empty.copy
    records = rows.records
    add_record, add_parent = rows.records.append, rows.parents.append
    add_line = rows.lines.append

    def read(element: etree._Element, record: Record, row: int) -> None:
        position = len(records)
        own = begin()
        add_record(own)
        add_parent(row)
        add_line(element.sourceline)
        for part in element[:]:
            name = part.tag
            try:
                reader = readers[name]
            except KeyError:
                flags.unknown = True
                continue
            if reader is None:
                own[name] = part.text
            else:
                reader(part, own, position)

    return read
