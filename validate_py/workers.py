"""The analyst's list of who works with which child: a CSV file or workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from common_py.errors import CinError
from ingest_py.landing_schema import plain
from ingest_py.sources import Sheet, open_source, readable, sheets

COLUMNS = {
    "la_child_id": ("LAchildID", "child id", "LA child id"),
    "worker": ("social worker", "allocated worker", "key worker", "worker name"),
    "team": ("team name", "allocated team"),
    "la_number": ("LEA", "LA"),
}
"""Columns and the other names they are known by; blanks, case and underscores do not matter."""

_INDEX = {plain(n): column for column, names in COLUMNS.items() for n in (column, *names)}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_REMEDY = "name the columns la_child_id, worker and team in the first row"


def read_workers(path: Path) -> pa.Table:
    """Read the list.

    Returns
    -------
    pyarrow.Table
        Text columns la_child_id, worker, team, la_number, one row a row that has an identifier;
        a column that the file does not have is NULL.

    Raises
    ------
    CinError
        If the file cannot be read or lacks the identifier or both worker and team.
    """
    if not path.is_file():
        raise CinError("there is no such file", file=str(path), remedy=f"give a file; {_REMEDY}")
    try:
        _, content = open_source(path, path.name, "workers")
        with readable():
            for sheet in sheets(path.name, content):
                at = _header(sheet)
                if at is not None:
                    return _table(sheet, *at)
    except CinError as error:
        if error.file:
            raise
        raise CinError(
            error.problem, file=path.name, place=error.place, remedy=error.remedy
        ) from None
    raise CinError(
        "has no row with the columns la_child_id and worker or team",
        file=path.name,
        remedy=_REMEDY,
    )


def _header(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """Return the first row that names the columns, and where each stands."""
    for row, cells in enumerate(sheet.top()):
        places: dict[str, int] = {}
        for at, cell in enumerate(cells):
            column = _INDEX.get(plain(cell))
            if column in places:
                raise CinError(f"has two columns for {column}", place=f"row {row + 1}",
                               remedy="keep one of them")  # fmt: skip
            if column:
                places[column] = at
        if "la_child_id" in places and {"worker", "team"} & places.keys():
            return row, places
    return None


def _table(sheet: Sheet, row: int, places: dict[str, int]) -> pa.Table:
    cells = sheet.read(row, sorted(places.values()))
    columns = {
        name: list(_texts(cells.column(str(places[name])).to_pylist()))
        if name in places
        else [None] * cells.num_rows
        for name in COLUMNS
    }
    table = pa.table({name: pa.array(texts, pa.string()) for name, texts in columns.items()})
    return table.filter(table.column("la_child_id").is_valid())


def _texts(cells: Sequence[str | None]) -> Iterator[str | None]:
    for cell in cells:
        yield _CONTROL.sub("", cell).strip() or None if cell else None
