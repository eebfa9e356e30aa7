"""A census of 2018/19 carried to another year: every date some whole weeks on or back."""

from __future__ import annotations

import datetime as dt

from synth_py.config import CENSUS_YEAR

_DAYS_A_WEEK = 7


def days_between(census_year: int) -> int:
    """Return the days from 2018/19 to another year, in whole weeks: weekdays stay what they are."""
    between = dt.date(census_year, 3, 31) - dt.date(CENSUS_YEAR, 3, 31)
    return between.days // _DAYS_A_WEEK * _DAYS_A_WEEK


def carried_value(table: str, column: str, census_year: int, days: int) -> str:
    """Return the SQL of a column in the other year; keys and identifiers stay."""
    if column == "census_year":
        return f"'{census_year}'"
    if column.endswith("_date"):
        return f"cast(cast({table}.{column} as date) + {days} as varchar)"
    return f"{table}.{column}"
