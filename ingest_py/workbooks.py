"""Sheets of xlsx, xls and ods workbooks as text columns."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineWorkbook

from common_py.errors import CinError
from ingest_py.arrow_text import as_text, null_if_empty

_AGAIN = "download it again, or open it in a spreadsheet program and save it as xlsx"


@dataclass(frozen=True)
class WorkbookSheet:
    """One sheet, loaded when first looked at."""

    workbook: Any
    name: str
    top_rows: int
    note: str | None = None

    @cached_property
    def rows(self) -> list[list[Any]]:
        """All rows from the sheet's first, so that row numbers are the sheet's own."""
        with _readable("the sheet cannot be read", f"sheet {self.name}"):
            sheet = self.workbook.get_sheet_by_name(self.name)
            found: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        return found

    def top(self) -> list[list[str]]:
        """Return the first rows as text."""
        return [[_text(cell) for cell in row] for row in self.rows[: self.top_rows]]

    def read(self, header_row: int, positions: Sequence[int]) -> pa.Table:
        """Return text columns of the rows below the header."""
        below = self.rows[header_row + 1 :]
        return pa.table({str(at): _column([row[at] for row in below]) for at in positions})


def read_workbook(data: bytes, top_rows: int) -> Iterator[WorkbookSheet]:
    """Yield the sheets of a workbook.

    Raises
    ------
    CinError
        If it is not a workbook, is cut short or is locked by a password.
    """
    with _readable("not a readable workbook", None):
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in workbook.sheet_names:
        yield WorkbookSheet(workbook, name, top_rows)


@contextmanager
def _readable(problem: str, place: str | None) -> Iterator[None]:
    """Turn every way in which the workbook library fails into one error, its panics included."""
    try:
        yield
    except BaseException as error:
        is_panic = type(error).__name__ == "PanicException"
        if not is_panic and not isinstance(error, (CalamineError, ValueError, OSError)):
            raise
        raise CinError(problem, place=place, remedy=_AGAIN) from None


def _column(cells: list[Any]) -> pa.ChunkedArray:
    """Return cells as text: numbers at once when all are numbers, else cell by cell."""
    blank_is_null = [None if cell == "" else cell for cell in cells]
    try:
        numbers = pa.chunked_array([pa.array(blank_is_null, pa.float64())])
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        texts = pa.chunked_array([pa.array([_text(cell) for cell in cells], pa.string())])
        return null_if_empty(texts)
    if pc.all(pc.equal(pc.trunc(numbers), numbers)).as_py() is False:
        mixed = [None if cell is None else _text(cell) for cell in blank_is_null]
        return pa.chunked_array([pa.array(mixed, pa.string())])
    return as_text(numbers, "number")


def _text(cell: Any) -> str:
    """Return a cell as the text a reader sees: 12 for 12.0, ISO for dates."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat()
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    return str(cell)
