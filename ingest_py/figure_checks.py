"""What a published table of figures must have: its columns, every year, one row an area and year.

A file that lost a column, a year or was pasted together would land figures that look whole; it
is refused by name, with what is wrong and where.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from common_py.errors import CinError

_MEASURES = Path(__file__).with_name("measures.csv")
_KEYS = ("time_period", "geographic_level", "area_code", "la_number", "topic", "breakdown")
_AGAIN = "download the file again and leave it as published"


@cache
def _needed() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return, by publication and table, the measures without which it cannot be used."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    with _MEASURES.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["is_needed"]:
                key = (row["publication"], row["table_name"])
                found[key] = (*found.get(key, ()), row["measure"])
    return found


def check_figures(
    publication: str, table: str, header_row: int, measures: Collection[str], about: pa.Table
) -> None:
    """Refuse a table that lacks what the warehouse reads of it.

    Parameters
    ----------
    publication, table
        Which of `measures.csv`; tables without a needed measure are not checked.
    header_row
        Where the header stands, from 0.
    measures
        Measures that its columns are.
    about
        The landing columns of its rows that do not depend on the measure.

    Raises
    ------
    CinError
        If a column or a year is missing, or an area has two rows of a year.
    """
    needed = _needed().get((publication, table), ())
    missing = [name for name in needed if name not in measures]
    if missing:
        raise CinError(
            f"looks like table {table} of {publication} and has no column {missing[0]!r}",
            place=f"header, row {header_row + 1}",
            remedy=f"{_AGAIN}; a release that names the column otherwise is added to "
            "ingest_py/measures.csv",
        )
    if needed:
        _check_years(about)
        _check_rows(about, header_row)


def _check_years(about: pa.Table) -> None:
    periods = [text for text in pc.unique(about.column("time_period")).to_pylist() if text]
    if not all(re.fullmatch(r"\d{4}", text) for text in periods):
        return
    years = sorted(int(text) for text in periods)
    absent = sorted(set(range(years[0], years[-1] + 1)) - set(years)) if years else []
    if absent:
        raise CinError(
            f"has no rows of {', '.join(str(year) for year in absent)}, and rows of "
            f"{years[0]} to {years[-1]}",
            place="column time_period",
            remedy=f"{_AGAIN}: releases hold every year",
        )


def _check_rows(about: pa.Table, header_row: int) -> None:
    double = next(_doubles(about), None)
    if double:
        first, last, area, year = double
        shift = header_row + 1
        raise CinError(
            f"has two rows of {area or 'one area'} for {year}",
            place=f"rows {first + shift} and {last + shift}",
            remedy=f"{_AGAIN}; or take the doubled rows out",
        )


def _doubles(about: pa.Table) -> Iterator[tuple[int, int, str, str]]:
    """Yield (first row, last row, area, year) of what stands there twice, by first row."""
    rows = [("source_row", how) for how in ("count", "min", "max")]
    groups = about.group_by(list(_KEYS)).aggregate([*rows, ("area_name", "min")])
    groups = groups.filter(pc.greater(groups.column("source_row_count"), 1))
    for row in groups.sort_by("source_row_min").to_pylist():
        yield (
            row["source_row_min"], row["source_row_max"], row["area_name_min"], row["time_period"],
        )  # fmt: skip
