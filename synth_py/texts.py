"""Columns of text for the extract: dates, codes and numbers as a census file has them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from synth_py.timeline import NONE

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FIRST_DAY = int(np.datetime64("1995-01-01").astype(np.int64))
LAST_DAY = int(np.datetime64("2021-12-31").astype(np.int64))
Text = Any
"""A pyarrow array of strings (pyarrow carries no types)."""


@cache
def _calendar() -> Text:
    days = np.arange(FIRST_DAY, LAST_DAY + 1).astype("datetime64[D]")
    return pa.array(np.datetime_as_string(days))


def dates(days: Ints) -> Text:
    """Return days since 1970 as YYYY-MM-DD; `NONE` as NULL."""
    return _calendar().take(pa.array(days - FIRST_DAY, mask=days == NONE))


def codes(
    names: Sequence[str] | NDArray[np.str_], position: Ints, keep: Bools | None = None
) -> Text:
    """Return the code at each position; NULL where `keep` is false."""
    mask = None if keep is None else ~keep
    return pa.array(list(names), pa.string()).take(pa.array(position, mask=mask))


def whole(numbers: Ints, keep: Bools | None = None) -> Text:
    """Return whole numbers as text; NULL where `keep` is false."""
    mask = None if keep is None else ~keep
    return pc.cast(pa.array(numbers, mask=mask), pa.string())


def padded(numbers: Ints, width: int) -> Text:
    """Return whole numbers as text with leading zeros."""
    return pc.utf8_lpad(whole(numbers), width, "0")


def joined(*parts: Text) -> Text:
    """Join text columns (or constants) side by side."""
    return pc.binary_join_element_wise(*parts, "")


def nothing(n: int) -> Text:
    """Return a column of NULLs."""
    return pa.nulls(n, pa.string())


def rank_within(sorted_groups: Ints) -> Ints:
    """Return 1, 2, 3 … within runs of equal values of a sorted array."""
    index = np.arange(sorted_groups.size)
    first = np.r_[True, sorted_groups[1:] != sorted_groups[:-1]][: index.size]
    return index - np.maximum.accumulate(np.where(first, index, 0)) + 1


def write_parquet(path: Path, columns: dict[str, Text]) -> int:
    """Write text columns to a Parquet file and return the number of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({name: pc.cast(column, pa.string()) for name, column in columns.items()})
    pq.write_table(table, path, compression="zstd", compression_level=1)
    return int(table.num_rows)
