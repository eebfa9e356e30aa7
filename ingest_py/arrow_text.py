"""Turning typed Arrow columns into the text that landing holds."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from common_py.errors import CinError

_MIDNIGHT = "T00:00:00"


def as_text(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a column as text; empty text and NaN are NULL.

    Dates become ISO text, a timestamp whose every value is midnight becomes a date, whole
    numbers stored as decimals lose their `.0` (`3.0` was never typed by anybody: it is what
    pandas makes of an integer column with gaps).

    Raises
    ------
    CinError
        If the column holds lists, structures or other things that are not one value a row.
    """
    kind = column.type
    _hold_valid(column, name)
    if pa.types.is_dictionary(kind):
        return as_text(column.cast(kind.value_type), name)
    if pa.types.is_timestamp(kind):
        return _timestamps(column)
    if pa.types.is_floating(kind):
        return _floats(column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind):
        raise CinError(
            f"the column is of type {kind}, which is not one value a row",
            place=f"column {name}",
            remedy="write it as text, number or date",
        )
    return null_if_empty(column.cast(pa.string()))


def _hold_valid(column: pa.ChunkedArray, name: str) -> None:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        raise CinError(
            "the column holds bytes that are not valid text",
            place=f"column {name}",
            remedy="write it again as UTF-8",
        ) from error


def null_if_empty(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return text with empty strings as NULL."""
    empty = pc.equal(pc.binary_length(column), 0)
    if not pc.any(empty).as_py():
        return column
    return pc.if_else(empty, pa.scalar(None, pa.string()), column)


def _floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    known = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    whole = pc.all(pc.equal(pc.trunc(known), known)).as_py()
    small = pc.all(pc.less(pc.abs(known), 2.0**53)).as_py()
    if whole is not False and small is not False:
        return known.cast(pa.int64()).cast(pa.string())
    return known.cast(pa.string())


def _timestamps(column: pa.ChunkedArray) -> pa.ChunkedArray:
    local = pc.local_timestamp(column) if column.type.tz else column
    seconds = pc.floor_temporal(local, unit="second").cast(pa.timestamp("s"))
    text = pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%S")
    dates_only = pc.all(pc.ends_with(text, pattern=_MIDNIGHT)).as_py()
    if dates_only is not False:
        return pc.utf8_slice_codeunits(text, start=0, stop=10)
    return text
