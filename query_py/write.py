"""An answer as a file: whole or not at all, its owner's alone, SYNTHETIC where it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from common_py.errors import CinError
from common_py.private import private
from query_py.ask import Answer

SYNTHETIC = "SYNTHETIC"
MAX_SHEET_ROWS = 1_048_575
"""Rows of an Excel sheet below its heading."""


def write_answer(answer: Answer, to: Path) -> Path:
    """Write the answer as CSV, Excel or Parquet, by the name's ending, in place of what stands.

    Made-up numbers have a last column `dataset` that says so in every row.

    Raises
    ------
    CinError
        If the ending is not one of `FORMATS`, an Excel sheet cannot hold the rows, the folder
        is not there, or the file cannot be replaced.
    """
    write = FORMATS.get(to.suffix.lower())
    if write is None:
        raise CinError(
            f"no way to write {to.suffix or 'a name without an ending'}",
            file=str(to),
            remedy=f"end the name with {', '.join(FORMATS)}",
        )
    if not to.parent.is_dir():
        raise CinError("there is no such folder", file=str(to.parent), remedy="make it first")
    table = _marked(answer)
    if write is _xlsx and table.num_rows > MAX_SHEET_ROWS:
        raise CinError(
            f"{table.num_rows:,} rows are more than an Excel sheet holds ({MAX_SHEET_ROWS:,})",
            file=str(to),
            remedy="ask for fewer rows, or write .csv or .parquet (Power BI reads both)",
        )
    beside = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        with private():
            write(table, beside)
        os.replace(beside, to)  # noqa: PTH105 - replaces on Windows too
    except OSError as error:
        raise CinError(
            f"the file cannot be written ({error.strerror})",
            file=str(to),
            remedy="close it where it is open (Excel holds a file), look at the folder's rights "
            "and the disk's space, and ask again",
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return to


def _marked(answer: Answer) -> pa.Table:
    table = answer.table
    if not answer.is_synthetic:
        return table
    if "dataset" in table.column_names:
        table = table.drop_columns("dataset")
    return table.append_column("dataset", pa.array([SYNTHETIC] * table.num_rows, pa.string()))


def _csv(table: pa.Table, to: Path) -> None:
    pyarrow.csv.write_csv(table, to)


def _parquet(table: pa.Table, to: Path) -> None:
    pyarrow.parquet.write_table(table, to)


def _xlsx(table: pa.Table, to: Path) -> None:
    """Write one sheet; a text that begins like a formula stays a text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("answer")
    sheet.freeze_panes = "A2"
    sheet.append(table.column_names)
    for batch in table.to_batches(max_chunksize=10_000):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            sheet.append([_cell(sheet, value) for value in row])
    book.save(to)


def _cell(sheet: object, value: object) -> object:
    if not isinstance(value, str) or not value.startswith(("=", "+", "-", "@")):
        return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell


FORMATS: dict[str, Callable[[pa.Table, Path], None]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
