"""The rows of a recognised published sheet as series of facts; bad area codes set aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from common_py.errors import CinError
from ingest_py.facts import Facts, quarantine_rows
from ingest_py.landing_schema import BY_NAME
from ingest_py.layouts import LAYOUTS
from ingest_py.ledger import Source
from ingest_py.recognise import Match
from ingest_py.sources import Sheet

_AREA = r"^[EWSNKJL]\d{8}$|^95[A-Z]{2}\d\w+$"
BAD_CODE = "the area code does not have the form of one"
DUPLICATE = "its area is already in another row, which was kept"
REMEDIES = {
    BAD_CODE: "download the file again; codes such as E01000001 must not be changed or cut",
    DUPLICATE: "remove the repeated rows, or download the file again",
}


def extract(source: Source, sheet: Sheet, match: Match) -> Iterator[Facts]:
    """Yield the series of facts of a recognised sheet.

    Raises
    ------
    CinError
        If there is a header and nothing below it, or no area of the right kind.
    """
    positions = {*match.columns.values(), *match.melted.values()}
    if match.layout.melt and match.layout.melt.beside:
        positions |= {position + 1 for position in match.melted.values()}
    cells = sheet.read(match.header_row, sorted(positions))
    if cells.num_rows == 0:
        raise CinError(
            "has a header and no rows",
            place=f"sheet {sheet.name}" if sheet.name else f"below row {match.header_row + 1}",
            remedy="download the file again",
        )
    base, quarantined, notes = _base_rows(source, cells, match)
    notes = (*notes, *([sheet.note] if sheet.note else []))
    for name in match.melted or [None]:
        facts = _facts(source, base, match, name)
        if facts is not None:
            yield replace(facts, quarantined=quarantined, notes=notes)
            quarantined = quarantined.slice(0, 0)


def _base_rows(
    source: Source, cells: pa.Table, match: Match
) -> tuple[pa.Table, pa.Table, tuple[str, ...]]:
    """Return the rows of areas, the rows set aside, and what was passed over.

    Rows without a code, and rows of areas of another kind (the authority totals that some
    editions interleave), are not facts of the table: they are counted in a note.
    """
    layout = match.layout
    n = cells.num_rows
    row = pa.array(np.arange(1, n + 1, dtype=np.int64))
    key = pc.utf8_trim_whitespace(cells.column(str(match.columns[layout.key])))
    right = pc.fill_null(pc.match_substring_regex(key, f"^{layout.key_pattern}$"), False)
    other = pc.or_(
        pc.fill_null(pc.match_substring_regex(key, _AREA), True),
        pc.equal(pc.fill_null(pc.utf8_length(key), 0), 0),
    )
    odd = pc.invert(pc.or_(right, other))
    notes_below = pc.and_(odd, _only_key(cells, match))
    passed = pc.or_(pc.and_(pc.invert(right), other), notes_below)
    also = {name: cells.column(str(match.columns[name])) for name in layout.also_key}
    indexed = pa.table({"key": key, **also, "at": row}).filter(right)
    first = indexed.group_by(["key", *also]).aggregate([("at", "min")]).column("at_min")
    is_first = pc.is_in(row, value_set=first)
    reason = pc.if_else(
        pc.and_(right, pc.invert(is_first)),
        DUPLICATE,
        pc.if_else(pc.and_(odd, pc.invert(notes_below)), BAD_CODE, pa.scalar(None, pa.string())),
    )
    if not pc.any(right).as_py():
        raise CinError(
            f"has the header of {layout.name} but no row with a code of its kind of area",
            place=f"column {layout.key}",
            remedy="download the edition for the areas named in docs/inputs.md",
        )
    notes = _passed_over(int(pc.sum(passed).as_py()))
    base = cells.append_column("_row", row).append_column("_key", key).filter(is_first)
    return base, quarantine_rows(source, layout.table, row, reason), notes


def _passed_over(n: int) -> tuple[str, ...]:
    if n == 0:
        return ()
    what = "1 row of another area or a note" if n == 1 else f"{n} rows of other areas or notes"
    return (f"{what} passed over",)


def _only_key(cells: pa.Table, match: Match) -> pa.ChunkedArray:
    """Say which rows have text in the key column and nowhere else: footnotes."""
    key = str(match.columns[match.layout.key])
    blank = pa.chunked_array([pa.array(np.ones(cells.num_rows, dtype=bool))])
    for name in cells.schema.names:
        if name != key:
            blank = pc.and_(blank, pc.is_null(cells.column(name)))
    return blank


def _facts(source: Source, base: pa.Table, match: Match, melted: str | None) -> Facts | None:
    """Return one series, None when its columns are empty throughout."""
    layout = match.layout
    table = BY_NAME[layout.table]
    n = base.num_rows
    numbers = {take.column for take in layout.takes if take.number}
    values: dict[str, pa.Array | pa.ChunkedArray] = {
        name: _number(base.column(str(at))) if name in numbers else _trimmed(base.column(str(at)))
        for name, at in match.columns.items()
    }
    constants = dict(match.constants)
    if melted is not None and layout.melt is not None:
        melt, at = layout.melt, match.melted[melted]
        values[melt.value_column] = _number(base.column(str(at)))
        if melt.beside:
            values[melt.beside] = _trimmed(base.column(str(at + 1)))
        constants.update(zip(melt.name_columns, melted.split("|"), strict=True))
    if all(column.null_count == n for name, column in values.items() if name != layout.key):
        return None
    for name, value in constants.items():
        values.setdefault(name, pa.repeat(value, n))
    values.update({name: pa.nulls(n, pa.string()) for name in layout.absent})
    values["source_file"] = pa.repeat(source.name, n)
    values["source_row"] = base.column("_row")
    rows = pa.table({name: values[name] for name in table.schema.names}).cast(table.schema)
    series = tuple((name, constants[name]) for name in layout.series)
    return Facts(source, table.name, LAYOUTS.index(layout), series, rows, rows.slice(0, 0), ())


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(column)


def _number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return numbers as text without thousands separators and outer blanks."""
    return pc.replace_substring(pc.utf8_trim_whitespace(column), pattern=",", replacement="")
