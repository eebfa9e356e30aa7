"""Row by row: what may land, what is set aside and why, and the counts of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest_py.landing_schema import LOCATION_IDS, Group, Table
from ingest_py.ledger import IGNORED, READ, FileEntry, Source
from ingest_py.npd import REMEDIES as NPD_REMEDIES

_LA_NUMBER = r"^[0-9]{3}$"
_KEY = r"^[0-9]{1,18}$"
_LSOA = r"^[EWSNewsn][0-9]{8}$"

NO_YEAR = "census_year is missing"
BAD_YEAR = "census_year is not a year"
OTHER_YEAR = "census_year is not the year of the folder"
NO_LA = "la_number is missing"
BAD_LA = "la_number is not three digits"
NO_CHILD = "no identifier: la_child_id, upn and pmr are all empty"
NO_LSOA = "lsoa_code is missing"
BAD_LSOA = "lsoa_code is not a letter E, W, S or N and eight digits"
DUPLICATE = "its key is already in another row, which was kept"

_REMEDIES = {
    NO_YEAR: "fill census_year with the year that ends on 31 March",
    BAD_YEAR: "give census_year as the four digits of the year that ends on 31 March",
    OTHER_YEAR: "move these rows to the folder of their own year",
    NO_LA: "fill la_number with the DfE number of the authority, such as 805",
    BAD_LA: "give la_number as three digits, such as 805",
    NO_CHILD: "fill at least one of the identifiers",
    NO_LSOA: "leave children without a known address out of the location file",
    BAD_LSOA: "give the ONS code of the LSOA, such as E01000001",
    DUPLICATE: "remove the repeated rows, or one of the files if it was delivered twice",
    **NPD_REMEDIES,
}


def remedy(reason: str) -> str:
    """Return what to do about a reason for quarantine."""
    if reason in _REMEDIES:
        return _REMEDIES[reason]
    return "number children, episodes and their parts 1, 2, 3 … within the one above them"


@dataclass(frozen=True)
class Delivered:
    """A file that was read, and what the ledger should say of it."""

    source: Source
    note: str | None = None


@dataclass(frozen=True)
class Checked:
    """Rows that may land and rows that may not.

    Attributes
    ----------
    kept
        Landing columns plus `la_number`, sorted by it, file order kept within an LA.
    quarantined
        Columns of `ledger_quarantine`.
    entries
        One line of the file ledger per file and LA; read = kept + quarantined in each.
    """

    kept: pa.Table
    quarantined: pa.Table
    entries: tuple[FileEntry, ...]


def check(
    rows: pa.Table,
    table: Table,
    census_year: str | None,
    files: Sequence[Delivered],
    returned: Mapping[str, str] | None = None,
) -> Checked:
    """Divide the rows of one table and year.

    Parameters
    ----------
    rows
        `census_year`, `la_number` and the landing columns, all files of the table together, and
        `_reason` where something is known to be wrong with a row.
    table, census_year
        What the rows are meant to be; no year for rows of several years that do not say theirs.
    files
        The files that the rows came from, also those without any.
    returned
        By LA, the return that is used in place of these rows.
    """
    rows = _trimmed(rows)
    rows, replaced = _without_returned(rows, table, census_year, files, returned or {})
    reason = _reasons(rows, table, census_year)
    reason = _with_duplicates(rows, reason, table)
    keep = pc.is_null(reason)
    la_number = _known_la(rows)
    quarantined = _quarantine_rows(rows, reason, la_number, table, census_year)
    entries = _entries(_counts(rows, keep, la_number), table, census_year, files)
    entries = (*entries, *replaced)
    kept = rows.drop_columns(["census_year", "_reason"])
    if quarantined.num_rows:
        kept = kept.filter(keep)
    return Checked(_sorted_by_la(kept), quarantined, entries)


def _trimmed(rows: pa.Table) -> pa.Table:
    """Return the rows with partition columns free of blanks: they become folder names."""
    for name in ("census_year", "la_number"):
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, name, pc.utf8_trim_whitespace(rows.column(name)))
    return rows


def _without_returned(
    rows: pa.Table,
    table: Table,
    census_year: str | None,
    files: Sequence[Delivered],
    returned: Mapping[str, str],
) -> tuple[pa.Table, list[FileEntry]]:
    """Leave out the rows of authorities whose return is used, and say so."""
    la_number = rows.column("la_number")
    is_returned = pc.is_in(la_number, value_set=pa.array(sorted(returned), pa.string()))
    if not pc.any(is_returned).as_py():
        return rows, []
    gone = (
        rows.filter(is_returned)
        .group_by(["source_file", "la_number"])
        .aggregate([([], "count_all")])
    )
    sources = {file.source.name: file.source for file in files}
    entries = [
        FileEntry(
            sources[row["source_file"]],
            IGNORED,
            table.name,
            census_year,
            row["la_number"],
            reason=f"{row['count_all']} rows passed over: the return "
            f"{returned[row['la_number']]} is used for this authority and year",
        )
        for row in gone.to_pylist()
    ]
    return rows.filter(pc.invert(is_returned)), entries


def _reasons(rows: pa.Table, table: Table, census_year: str | None) -> pa.ChunkedArray:
    """Return the first thing wrong with each row, NULL where nothing is."""
    year, la_number = rows.column("census_year"), rows.column("la_number")
    every_row = pa.chunked_array([pa.array(np.ones(rows.num_rows, dtype=bool))])
    tests = [
        (_missing(year), NO_YEAR),
        (every_row, BAD_YEAR)
        if census_year is None
        else (pc.not_equal(year, census_year), OTHER_YEAR),
        (_missing(la_number), NO_LA),
        (_unlike(la_number, _LA_NUMBER), BAD_LA),
    ]
    if table.group is Group.LOCATIONS:
        tests += _location_tests(rows)
    else:
        for key in table.row_keys:
            tests.append((_missing(rows.column(key)), f"{key} is missing"))
            tests.append((_unlike(rows.column(key), _KEY), f"{key} is not a whole number"))
    found = [(mask, reason) for mask, reason in tests if pc.any(mask).as_py()]
    result = pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])
    for mask, reason in reversed(found):
        result = pc.if_else(pc.fill_null(mask, fill_value=False), reason, result)
    return pc.coalesce(rows.column("_reason"), result)


def _location_tests(rows: pa.Table) -> list[tuple[pa.ChunkedArray, str]]:
    lsoa = pc.utf8_trim_whitespace(rows.column("lsoa_code"))
    missing = [_missing(rows.column(name)) for name in LOCATION_IDS]
    nobody = pc.and_(pc.and_(missing[0], missing[1]), missing[2])
    return [(nobody, NO_CHILD), (_missing(lsoa), NO_LSOA), (_unlike(lsoa, _LSOA), BAD_LSOA)]


def _missing(column: pa.ChunkedArray) -> pa.ChunkedArray:
    blank = pc.equal(pc.binary_length(pc.utf8_trim_whitespace(column)), 0)
    return pc.or_(pc.is_null(column), pc.fill_null(blank, fill_value=True))


def _unlike(column: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    matches = pc.match_substring_regex(pc.utf8_trim_whitespace(column), pattern)
    return pc.invert(pc.fill_null(matches, fill_value=True))


def _with_duplicates(rows: pa.Table, reason: pa.ChunkedArray, table: Table) -> pa.ChunkedArray:
    """Mark every row whose key an earlier good row has."""
    good = pc.is_null(reason)
    keys = {"la_number": rows.column("la_number"), **_key_columns(rows, good, table)}
    names = list(keys)
    index = pa.array(np.arange(rows.num_rows, dtype=np.int64))
    keyed = pa.table({**keys, "_at": index})
    if pc.any(pc.invert(good)).as_py():
        keyed = keyed.filter(good)
    first = keyed.group_by(names).aggregate([("_at", "min")])
    if first.num_rows == keyed.num_rows:
        return reason
    is_first = pc.is_in(index, value_set=first.column("_at_min"))
    duplicate = pc.and_(good, pc.invert(is_first))
    return pc.if_else(duplicate, DUPLICATE, reason)


def _key_columns(rows: pa.Table, good: pa.ChunkedArray, table: Table) -> dict[str, pa.ChunkedArray]:
    """Return what must be unique within an LA: numbers as numbers, so that 01 is 1.

    A location row is known by the first identifier it has.
    """
    if table.group is Group.LOCATIONS:
        ids = [pc.utf8_trim_whitespace(rows.column(name)) for name in LOCATION_IDS]
        filled = [pc.if_else(pc.equal(pc.binary_length(i), 0), None, i) for i in ids]
        marked = [
            pc.binary_join_element_wise(name, column, ":")
            for name, column in zip(LOCATION_IDS, filled, strict=True)
        ]
        return {"identifier": pc.coalesce(*marked)}
    columns = {}
    for name in table.row_keys:
        text = pc.if_else(good, pc.utf8_trim_whitespace(rows.column(name)), None)
        columns[name] = text.cast(pa.int64())
    return columns


def _known_la(rows: pa.Table) -> pa.ChunkedArray:
    """Return la_number where it has the form of one, else NULL: junk never reaches the ledger."""
    column = rows.column("la_number")
    return pc.if_else(pc.match_substring_regex(column, _LA_NUMBER), column, None)


def _quarantine_rows(
    rows: pa.Table,
    reason: pa.ChunkedArray,
    la_number: pa.ChunkedArray,
    table: Table,
    census_year: str | None,
) -> pa.Table:
    n = rows.num_rows
    account = pa.table(
        {
            "file": rows.column("source_file").cast(pa.string()),
            "source_row": rows.column("source_row"),
            "table_name": pa.repeat(table.name, n),
            "census_year": pa.array([census_year], pa.string()).take(pa.array(np.zeros(n, int))),
            "la_number": la_number,
            "reason": reason.cast(pa.string()),
        }
    )
    return account.filter(pc.is_valid(reason))


def _counts(
    rows: pa.Table, keep: pa.ChunkedArray, la_number: pa.ChunkedArray
) -> list[dict[str, Any]]:
    """Count rows read (`kept_count`) and kept (`kept_sum`) by file and LA."""
    marked = pa.table(
        {"file": rows.column("source_file"), "la": la_number, "kept": keep.cast(pa.int64())}
    )
    counted = marked.group_by(["file", "la"]).aggregate([("kept", "count"), ("kept", "sum")])
    found: list[dict[str, Any]] = counted.to_pylist()
    return found


def _entries(
    counts: list[dict[str, Any]], table: Table, census_year: str | None, files: Sequence[Delivered]
) -> tuple[FileEntry, ...]:
    by_name = {file.source.name: file for file in files}
    entries = [
        FileEntry(
            by_name[row["file"]].source,
            READ,
            table.name,
            census_year,
            row["la"],
            rows_read=row["kept_count"],
            rows_kept=row["kept_sum"],
            rows_quarantined=row["kept_count"] - row["kept_sum"],
            reason=by_name[row["file"]].note,
        )
        for row in counts
    ]
    told = {entry.source.name for entry in entries}
    entries += [
        FileEntry(file.source, READ, table.name, census_year, reason=file.note or "no rows")
        for file in files
        if file.source.name not in told
    ]
    return tuple(entries)


def _sorted_by_la(rows: pa.Table) -> pa.Table:
    """Return rows sorted by LA; the order within an LA stays that of the files."""
    rows = rows.combine_chunks()
    column = rows.column("la_number")
    if rows.num_rows < 2 or pc.all(pc.less_equal(column[:-1], column[1:])).as_py():
        return rows
    return rows.take(pc.sort_indices(rows, sort_keys=[("la_number", "ascending")]))


def concat(parts: Sequence[pa.Table], table: Table) -> pa.Table:
    """Join the rows of several files of one table."""
    names = ("census_year", "la_number", *(column.name for column in table.columns), "_reason")
    known = [
        part
        if "_reason" in part.schema.names
        else part.append_column("_reason", pa.nulls(part.num_rows, pa.string()))
        for part in parts
    ]
    return pa.concat_tables([part.select(names) for part in known])
