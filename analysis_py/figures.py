"""Figure 2: bands of neighbourhood income deprivation, and the line through the LSOAs."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from analysis_py.design import SQL_FOLDER
from analysis_py.gradients import least_squares
from analysis_py.settings import FitSettings
from common_py.warehouse import arrays, rows, sql


@dataclass(frozen=True)
class Band:
    """One row of `estimates.figure_02_bins`, without its run: LSOAs of like deprivation."""

    census_year: int
    measure: str
    band: int
    income_pct_from: float
    income_pct_mean: float
    n_lsoas: int
    n_events: int
    population: float
    rate_per_10k: float


@dataclass(frozen=True)
class RateLine:
    """One row of `estimates.figure_02_lines`, without its run: the absolute gradient.

    `slope` is events per 10,000 children for 10 percentage points of income deprivation;
    `rate_at_min` and `rate_at_max` are the line at the least and most deprived LSOA.
    """

    census_year: int
    measure: str
    n_lsoas: int
    intercept: float | None = None
    slope: float | None = None
    std_error: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    income_pct_min: float | None = None
    income_pct_max: float | None = None
    rate_at_min: float | None = None
    rate_at_max: float | None = None
    reason: str = ""


def figure_02_bins(
    connection: duckdb.DuckDBPyConnection, census_year: int, settings: FitSettings
) -> list[Band]:
    """Read the points of Figure 2."""
    parameters = {
        "census_year": census_year,
        "measure": settings.figure_02_measure,
        "band_width": settings.band_width,
        "minimum_lsoas": settings.minimum_lsoas,
    }
    found = rows(connection, sql(SQL_FOLDER, "figure_02_bins"), parameters)
    return [Band(census_year, settings.figure_02_measure, **row) for row in found]


def figure_02_line(
    connection: duckdb.DuckDBPyConnection, census_year: int, settings: FitSettings, alpha: float
) -> RateLine:
    """Fit the line of Figure 2: LSOA rates on LSOA income, unweighted, HC1 intervals."""
    measure = settings.figure_02_measure
    found = arrays(
        connection,
        sql(SQL_FOLDER, "figure_02_rows"),
        {"census_year": census_year, "measure": measure},
    )
    income, rate = found["income_pct"], found["rate_per_10k"]
    if len(income) < 3 or np.ptp(income) < 1e-9:
        reason = "fewer than 3 LSOAs, or all equally deprived: no line"
        return RateLine(census_year, measure, len(income), reason=reason)
    line = least_squares(income / 10.0, rate, alpha=alpha, robust=True)
    low, high = float(income.min()), float(income.max())
    return RateLine(
        census_year,
        measure,
        len(income),
        line.intercept,
        line.slope,
        line.std_error,
        line.ci_low,
        line.ci_high,
        low,
        high,
        line.intercept + line.slope * low / 10.0,
        line.intercept + line.slope * high / 10.0,
    )
