"""One extract or location file as rows of landing tables, and the landing of one table and year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from common_py.errors import CinError
from ingest_py import rows as row_checks
from ingest_py.headers import Mapping as Columns
from ingest_py.headers import map_header
from ingest_py.inputs import EVERY_YEAR
from ingest_py.landing import write_partitions
from ingest_py.landing_schema import BY_NAME, Group, Table
from ingest_py.ledger import Ledger, Source
from ingest_py.npd import KIND, NpdFile, read_npd, recognise_npd
from ingest_py.renames import Renames
from ingest_py.sources import Sheet, open_source, readable, sheets

_YEAR = r"^20[0-9]{2}$"


@dataclass(frozen=True)
class Part:
    """Rows of one file for one landing table and year.

    Attributes
    ----------
    source, table, census_year
        Where from and where to; the year is None for rows that do not say theirs.
    rows
        The columns of `rows.check`.
    note
        What the ledger should say.
    """

    source: Source
    table: Table
    census_year: str | None
    rows: pa.Table
    note: str | None


@dataclass(frozen=True)
class Input:
    """A file that was found, hashed.

    Attributes
    ----------
    path, source
        Where it is, and its name, kind, hash and size.
    folder_year
        The year of its folder; `all` for files of several years.
    """

    path: Path
    source: Source
    folder_year: str

    @property
    def name(self) -> str:
        """Its name below the data folder."""
        return self.source.name

    @property
    def census_year(self) -> str | None:
        """The year that its rows must be of, None when the rows say it."""
        return None if self.folder_year == EVERY_YEAR else self.folder_year


def read_input(
    found: Input, tables: Sequence[Table], renames: Renames
) -> tuple[list[Part], NpdFile | None]:
    """Read one file: rows of a landing table by year, or a file of an NPD extract.

    Raises
    ------
    CinError
        If it cannot be read or its columns are not those of any table.
    """
    source, content = open_source(found.path, found.name, found.source.kind)
    with readable():
        (sheet,) = sheets(source.name, content)
        top = sheet.top()
        if not top:
            raise CinError("the file is empty", remedy="export it again with a header row")
        is_census = tables[0].group is Group.CENSUS
        npd = recognise_npd(renames.apply(top[0], tables[0])) if is_census else None
        if npd:
            return [], read_npd(replace(source, kind=KIND), sheet, npd)
        return list(_parts(source, sheet, found, tables, renames)), None


def _parts(
    source: Source, sheet: Sheet, found: Input, tables: Sequence[Table], renames: Renames
) -> Iterator[Part]:
    header = sheet.top()[0]
    stem = Path(source.name).name.split(".")[0]
    columns = map_header([renames.apply(header, table) for table in tables], stem, tables)
    cells = sheet.read(0, sorted(columns.positions.values()))
    notes = [sheet.note] if sheet.note else []
    absent = [name for name in columns.absent if name != "census_year"]
    if absent:
        notes.append(f"without {', '.join(absent)}")
    note = "; ".join(notes) or None
    rows = _landing_rows(cells, columns, source.name, found.census_year)
    if found.census_year is not None:
        yield Part(source, columns.table, found.census_year, rows, note)
        return
    divided = list(by_year(rows)) or [(None, rows)]
    for year, mine in divided:
        yield Part(source, columns.table, year, mine, note)


def by_year(rows: pa.Table) -> Iterator[tuple[str | None, pa.Table]]:
    """Divide rows by the year they say; rows without a year come last, under None."""
    year = pc.utf8_trim_whitespace(rows.column("census_year"))
    known = pc.if_else(pc.match_substring_regex(year, _YEAR), year, None)
    for value in sorted(pc.unique(known).drop_null().to_pylist()):
        yield value, rows.filter(pc.equal(known, value))
    rest = rows.filter(pc.is_null(known))
    if rest.num_rows:
        yield None, rest


def _landing_rows(
    cells: pa.Table, columns: Columns, file: str, census_year: str | None
) -> pa.Table:
    n = cells.num_rows
    filled: dict[str, pa.Array | pa.ChunkedArray] = {}
    for column in columns.table.input_columns:
        at = columns.positions.get(column.name)
        if at is not None:
            filled[column.name] = cells.column(str(at))
        elif column.name == "census_year" and census_year is not None:
            filled[column.name] = pa.repeat(census_year, n)
        else:
            filled[column.name] = pa.nulls(n, pa.string())
    filled["source_file"] = pa.repeat(file, n)
    filled["source_row"] = pa.array(np.arange(1, n + 1, dtype=np.int64))
    return pa.table(filled)


def land_table(
    parts: Sequence[Part], root: Path, ledger: Ledger, returned: Mapping[str, str], beside: Executor
) -> Future[None] | None:
    """Set bad rows of one table and year aside, and begin to write the rest by authority.

    Parameters
    ----------
    parts
        All rows of the table and year.
    returned
        By LA, the return that is used in place of these rows.
    beside
        Writes while the caller goes on.

    Returns
    -------
    Future
        Of the writing; None where no row says its year, and nothing may land.
    """
    table, census_year = parts[0].table, parts[0].census_year
    checked = row_checks.check(
        row_checks.concat([part.rows for part in parts], table),
        table,
        census_year,
        [row_checks.Delivered(part.source, part.note) for part in parts],
        returned,
    )
    ledger.add(checked.entries)
    say_quarantined(checked.quarantined, ledger)
    if census_year is None:
        return None
    return beside.submit(write_partitions, root, BY_NAME[table.name], census_year, checked.kept)


def say_quarantined(rows: pa.Table, ledger: Ledger) -> None:
    """Record quarantined rows with what to do about each reason."""
    reasons = rows.column("reason").unique().to_pylist()
    ledger.quarantine(rows, {reason: row_checks.remedy(reason) for reason in reasons})
