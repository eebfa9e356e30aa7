"""Reading files as text: CSV, gzipped CSV, Parquet and workbooks, whatever wrote them.

A file is a list of sheets; a sheet has top rows (where a header is looked for) and columns, read
by position once the header is known. Every value comes out as the text that was in the file; an
empty cell is NULL. Nothing here knows what a column means, and no message here holds a value.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from common_py.errors import CinError
from ingest_py.archives import check_workbook, gunzip, unzip
from ingest_py.arrow_text import as_text
from ingest_py.ledger import Source
from ingest_py.workbooks import read_workbook

CSV_SUFFIXES = (".csv", ".csv.gz")
PARQUET_SUFFIXES = (".parquet",)
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")
ARCHIVE_SUFFIXES = (".zip",)
TOP_ROWS = 25
MOST_COLUMNS = 10_000
MOST_BYTES = 8 * 1024**3
_TOP_CHARACTERS = 400_000
_CELLS_FREE, _CELLS_A_BYTE = 100_000_000, 500
_DELIMITERS = ";\t|"
_SAVE_AS = "save it again as CSV (UTF-8) with one header row"


class Sheet(Protocol):
    """One rectangle of cells under a header."""

    @property
    def name(self) -> str | None:
        """The sheet's name, None for files that have only one."""

    @property
    def note(self) -> str | None:
        """What had to be done to read it, for the ledger."""

    def top(self) -> list[list[str]]:
        """Return the first rows, in which the header is looked for."""

    def read(self, header_row: int, positions: Sequence[int]) -> pa.Table:
        """Return text columns named by position, all rows below the header.

        Parameters
        ----------
        header_row
            Index of the header in `top()`.
        positions
            Which columns, from 0.
        """


@dataclass(frozen=True)
class CsvSheet:
    """A CSV file held as UTF-8 bytes."""

    data: bytes
    note: str | None = None
    name: str | None = None
    delimiter: str = ","

    def top(self) -> list[list[str]]:
        """Return the first rows."""
        return [cells for cells, _ in self._top()]

    def _top(self) -> list[tuple[list[str], int]]:
        """Return the first rows, each with the number of lines up to its end."""
        text = self.data[:_TOP_CHARACTERS].decode("utf-8", errors="ignore").removeprefix("\ufeff")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter)
        rows: list[tuple[list[str], int]] = []
        try:
            for cells in reader:
                if len(cells) > MOST_COLUMNS:
                    raise CinError(f"a row has more than {MOST_COLUMNS:,} columns", remedy=_SAVE_AS)
                rows.append((cells, reader.line_num))
                if len(rows) == TOP_ROWS:
                    break
        except csv.Error as error:
            raise CinError("not readable as CSV", remedy=_SAVE_AS) from error
        return rows

    def read(self, header_row: int, positions: Sequence[int]) -> pa.Table:
        """Return text columns; refuse rows that do not have the header's columns."""
        header, lines = self._top()[header_row]
        names = [str(position) for position in range(len(header))]
        wanted = [str(position) for position in positions]
        try:
            return self._parse(names, wanted, lines, None)
        except pa.ArrowInvalid as error:
            bad: list[tuple[int, int]] = []

            def note_row(row: pacsv.InvalidRow) -> str:
                bad.append((row.number, row.actual_columns))
                return "skip"

            try:
                self._parse(names, wanted, lines, note_row)
            except pa.ArrowInvalid:
                bad.clear()
            raise _csv_error(bad, lines, len(names)) from error

    def _parse(
        self, names: list[str], wanted: list[str], skip: int, on_bad_row: object
    ) -> pa.Table:
        return pacsv.read_csv(
            pa.BufferReader(self.data),
            read_options=pacsv.ReadOptions(
                column_names=names, skip_rows=skip, use_threads=on_bad_row is None
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=on_bad_row
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=wanted,
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )


def _csv_error(bad: list[tuple[int, int]], lines: int, n_columns: int) -> CinError:
    if not bad:
        return CinError("not readable as CSV", remedy=_SAVE_AS)
    number, actual = bad[0]
    more = f", and {len(bad) - 1} more rows like it" if len(bad) > 1 else ""
    return CinError(
        f"the row has {actual} of {n_columns} columns{more}: the file is cut short or a comma "
        "is not quoted",
        place=f"row {number - lines}",
        remedy="export the file again and compare its size with the original",
    )


@dataclass(frozen=True)
class ParquetSheet:
    """A Parquet file; typed columns are turned into text."""

    table: pa.Table
    note: str | None = None
    name: str | None = None

    def top(self) -> list[list[str]]:
        """Return the column names."""
        return [list(self.table.schema.names)]

    def read(self, header_row: int, positions: Sequence[int]) -> pa.Table:
        """Return text columns, dates as ISO text."""
        del header_row
        columns = {
            str(position): as_text(self.table.column(position), self.table.schema.names[position])
            for position in positions
        }
        return pa.table(columns)


@dataclass(frozen=True)
class MemberSheet:
    """A sheet of a file in an archive, named for that file."""

    sheet: Sheet
    name: str

    @property
    def note(self) -> str | None:
        """What had to be done to read it, and where it lay."""
        return "; ".join(part for part in (self.sheet.note, f"in {self.name}") if part)

    def top(self) -> list[list[str]]:
        """Return the first rows."""
        return self.sheet.top()

    def read(self, header_row: int, positions: Sequence[int]) -> pa.Table:
        """Return text columns."""
        return self.sheet.read(header_row, positions)


def open_source(path: Path, name: str, kind: str) -> tuple[Source, bytes]:
    """Read a file once, with its hash.

    Raises
    ------
    CinError
        If the file cannot be read from disk.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CinError(
                f"is larger than {MOST_BYTES / 1024**3:.0f} GB",
                file=name,
                remedy="split it, by year or by authority",
            )
        data = path.read_bytes()
    except OSError as error:
        raise CinError(
            f"cannot be read from disk ({error.strerror or type(error).__name__})",
            file=name,
            remedy="close programs that hold it open and check that you may read it",
        ) from error
    return Source(name, kind, hashlib.sha256(data).hexdigest(), len(data)), data


@contextmanager
def readable() -> Iterator[None]:
    """Turn an error of the Parquet and CSV library into one without its text, which has values."""
    try:
        yield
    except pa.ArrowException as error:
        raise CinError(
            f"cannot be read as a table ({type(error).__name__})", remedy="export it again"
        ) from error


def sheets(name: str, data: bytes) -> list[Sheet]:
    """Return the sheets of a file, by its ending.

    Raises
    ------
    CinError
        If the file is empty, cut short, not what its ending says, or unpacks to too much.
    """
    lower = name.casefold()
    if not data:
        raise CinError("the file is empty (0 bytes)", remedy="export or download it again")
    if lower.endswith(CSV_SUFFIXES):
        return [_csv_sheet(gunzip(data) if lower.endswith(".gz") else data)]
    if lower.endswith(PARQUET_SUFFIXES):
        return [ParquetSheet(_parquet(data))]
    if lower.endswith(ARCHIVE_SUFFIXES):
        return _members(data)
    if data.startswith(b"PK"):
        check_workbook(data)
    return [*read_workbook(data, TOP_ROWS)]


def _members(data: bytes) -> list[Sheet]:
    """Return the sheets of every table in an archive, each named for its member."""
    found: list[Sheet] = []
    for member, content in unzip(data):
        lower = member.casefold()
        if not content or not lower.endswith((".csv", *PARQUET_SUFFIXES, *WORKBOOK_SUFFIXES)):
            continue
        for sheet in sheets(member, content):
            name = f"{member} {sheet.name}" if sheet.name else member
            found.append(MemberSheet(sheet, name))
    return found


def _csv_sheet(data: bytes) -> CsvSheet:
    """Return the text as UTF-8, from UTF-8 with or without BOM, UTF-16 with BOM, or CP1252."""
    note = None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data, note = _transcoded(data, "utf-16"), "read as UTF-16"
    if b"\0" in data:
        raise CinError("holds NUL bytes, so it is not a text file", remedy=_SAVE_AS)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        data, note = _transcoded(data, "cp1252"), "not UTF-8: read as Windows-1252"
    return CsvSheet(data, note=note, delimiter=_delimiter(data))


def _delimiter(data: bytes) -> str:
    """Return what separates the columns: a comma wherever the first line has one."""
    first = data[:_TOP_CHARACTERS].lstrip(b"\xef\xbb\xbf\r\n").split(b"\n", 1)[0]
    counts = {mark: first.count(mark.encode()) for mark in _DELIMITERS}
    likeliest = max(_DELIMITERS, key=lambda mark: counts[mark])
    return likeliest if counts[likeliest] and b"," not in first else ","


def _transcoded(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeDecodeError as error:
        raise CinError(
            "is neither UTF-8 nor Windows-1252 text", place=f"byte {error.start}", remedy=_SAVE_AS
        ) from error


def _parquet(data: bytes) -> pa.Table:
    magic = b"PAR1"
    if not data.startswith(magic):
        raise CinError(
            "named .parquet but is not a Parquet file",
            remedy="write it as Parquet, or name it .csv if it is CSV",
        )
    try:
        _hold_size(pq.read_metadata(pa.BufferReader(data)), len(data))
        return pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        problem = "is a damaged Parquet file" if data.endswith(magic) else "is cut short"
        raise CinError(f"the Parquet file {problem}", remedy="export it again") from error


def _hold_size(described: pq.FileMetaData, n_bytes: int) -> None:
    """Refuse a file whose few bytes stand for more cells than memory holds."""
    cells = described.num_rows * described.num_columns
    if cells > max(_CELLS_FREE, _CELLS_A_BYTE * n_bytes):
        raise CinError(
            f"holds {cells:,} cells in {n_bytes:,} bytes, far more than its size allows for",
            remedy="check that it is the right file",
        )
