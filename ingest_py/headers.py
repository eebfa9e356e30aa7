"""Which table an extract or location file is, by its header, and which columns fill what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from common_py.errors import CinError
from ingest_py.landing_schema import (
    LOCATION_IDS,
    Column,
    Group,
    Table,
    accepted_names,
    header_index,
    plain,
)

Header = Sequence[str | None]
"""Column names of a file; None stands for a column that is to be left out."""

_LOOKS_LIKE_A_NAME = re.compile(r"[A-Za-z][A-Za-z_ .()-]{0,39}\d{0,4}")
_FORM = "docs/inputs.md lists the columns of every table"


@dataclass(frozen=True)
class Mapping:
    """A file's columns as a landing table's.

    Attributes
    ----------
    table
        The landing table.
    positions
        Position in the file by landing column.
    absent
        Optional columns the file does not have; they land NULL.
    """

    table: Table
    positions: dict[str, int]
    absent: tuple[str, ...]


def map_header(heads: Sequence[Header], stem: str, tables: Sequence[Table]) -> Mapping:
    """Recognise one of `tables` by its header.

    The header decides; the file's name is asked only when the header fits no table, so that
    the message can name the column that is wrong.

    Parameters
    ----------
    heads
        The header as it would be for each of `tables`: they differ where columns were renamed.

    Raises
    ------
    CinError
        If columns are unknown, missing or given twice, or if there is no header at all.
    """
    both = list(zip(heads, tables, strict=True))
    if not any(_known(header, table) for header, table in both):
        raise CinError(
            "no header row: none of its columns has a known name",
            place="row 1",
            remedy=f"put the column names in the first row; {_FORM}",
        )
    fitting = [(header, table) for header, table in both if not _problems(header, table)]
    if fitting:
        # `returns` has no key of its own: anything more particular wins over it.
        return _mapping(*max(fitting, key=lambda pair: len(_known(*pair))))
    raise _problems(*_nearest(both, stem))[0]


def _nearest(both: Sequence[tuple[Header, Table]], stem: str) -> tuple[Header, Table]:
    """Return the table named by the file, else the one that shares most columns."""
    for pair in both:
        if plain(stem) == plain(pair[1].name):
            return pair
    for pair in sorted(both, key=lambda p: -len(p[1].name)):
        if plain(stem).startswith(plain(pair[1].name)):
            return pair
    return max(both, key=lambda pair: len(_known(*pair)) - len(_unknown(*pair)))


def _known(header: Header, table: Table) -> list[Column]:
    index = header_index(table)
    return [index[plain(name)] for name in header if name is not None and plain(name) in index]


def _unknown(header: Header, table: Table) -> list[int]:
    index = header_index(table)
    return [at for at, name in enumerate(header) if name is not None and plain(name) not in index]


def _problems(header: Header, table: Table) -> list[CinError]:
    """Return why the header is not this table's: nothing means that it is."""
    known = _known(header, table)
    problems = [_missing(column, table) for column in table.input_columns
                if column not in known and not _may_lack(column, table)]  # fmt: skip
    if table.group is Group.LOCATIONS and not any(c.name in LOCATION_IDS for c in known):
        problems.append(_no_child_id())
    problems += [_stranger(header[at] or "", at, table) for at in _unknown(header, table)]
    problems += [_twice(c, table) for c in dict.fromkeys(known) if known.count(c) > 1]
    return problems


def _may_lack(column: Column, table: Table) -> bool:
    return column.optional or (table.group is Group.LOCATIONS and column.name == "census_year")


def _missing(column: Column, table: Table) -> CinError:
    names = " or ".join(accepted_names(column))
    return CinError(
        f"{table.name} has no column {column.name}",
        place=f"column {column.name}",
        remedy=f"add the column under one of the accepted names: {names}",
    )


def _no_child_id() -> CinError:
    return CinError(
        "child_locations has no column that says which child",
        place="columns la_child_id, upn, pmr",
        remedy=f"add at least one of {', '.join(LOCATION_IDS)}",
    )


def _stranger(name: str, at: int, table: Table) -> CinError:
    shown = " ".join(name.split())
    label = shown if _LOOKS_LIKE_A_NAME.fullmatch(shown) else "(not shown: no column name)"
    allowed = ", ".join(column.name for column in table.input_columns)
    return CinError(
        f"{table.name} has no use for column {label}",
        place=f"column {at + 1}",
        remedy=f"remove or rename it; the accepted columns are {allowed}",
    )


def _twice(column: Column, table: Table) -> CinError:
    names = " or ".join(accepted_names(column))
    return CinError(
        f"{table.name} has two columns for {column.name}",
        place=f"column {column.name}",
        remedy=f"keep one column out of {names}",
    )


def _mapping(header: Header, table: Table) -> Mapping:
    index = header_index(table)
    positions = {index[plain(name)].name: at for at, name in enumerate(header) if name is not None}
    absent = tuple(c.name for c in table.input_columns if c.name not in positions)
    return Mapping(table, positions, absent)
