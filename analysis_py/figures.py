"""Figures 2, 3, 4, 7 and 8 and the curve of the inverse intervention effect, as numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis_py.design import Vector
from analysis_py.job import Content, Job
from analysis_py.lines import least_squares
from analysis_py.specs import Cohort, ModelSpec
from analysis_py.tails import chi_square_limits

#: The model of Table 2.
MAIN_TERMS = ("x1", "x2", "x1:x2")


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


@dataclass(frozen=True)
class Point:
    """One row of `estimates.figure_points`, without its run."""

    figure_no: str
    measure: str
    series: str
    place: str
    x: float | None
    y: float | None
    ci_low: float | None
    ci_high: float | None
    n_events: int | None
    n_areas: int | None
    population: float | None
    is_extrapolated: bool = False


@dataclass(frozen=True)
class PointLine:
    """One row of `estimates.figure_lines`, without its run."""

    figure_no: str
    measure: str
    series: str
    n_points: int
    x_min: float | None = None
    x_max: float | None = None
    intercept: float | None = None
    slope: float | None = None
    std_error: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    r_squared: float | None = None
    reason: str = ""


def main_model(measure: str) -> ModelSpec:
    """Return the model of Table 2 for a measure."""
    return ModelSpec("", "lsoa", "poisson", Cohort(measure), MAIN_TERMS)


def figures(job: Job) -> Content:
    """Return the numbers of every figure but the gradients of single LAs."""
    points: list[Point] = []
    lines: list[PointLine] = []
    for measure in job.settings.figure_measures:
        scatter = _scatter(job, "3", measure) + _scatter(job, "4", measure)
        points += scatter
        lines += lines_through(scatter, job.alpha)
        points += _deciles(job, measure)
        points += curve(job, measure)
    return {
        "figure_02_bins": _bins(job),
        "figure_02_lines": [figure_02_line(job)],
        "figure_points": points,
        "figure_lines": lines,
    }


def _bins(job: Job) -> list[Band]:
    settings = job.settings
    found = job.marts.rows(
        "figure_02_bins",
        measure=settings.figure_02_measure,
        band_width=settings.band_width,
        minimum_lsoas=settings.minimum_lsoas,
    )
    return [Band(job.census_year, settings.figure_02_measure, **row) for row in found]


def figure_02_line(job: Job) -> RateLine:
    """Fit the line of Figure 2: LSOA rates on LSOA income, unweighted, HC1 intervals."""
    measure = job.settings.figure_02_measure
    found = job.marts.arrays("figure_02_rows", measure=measure)
    income, rate = found["income_pct"], found["rate_per_10k"]
    if len(income) < 3 or np.ptp(income) < 1e-9:
        reason = "fewer than 3 LSOAs, or all equally deprived: no line"
        return RateLine(job.census_year, measure, len(income), reason=reason)
    line = least_squares(income / 10.0, rate, alpha=job.alpha, robust=True)
    low, high = float(income.min()), float(income.max())
    return RateLine(
        job.census_year,
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


def _scatter(job: Job, figure_no: str, measure: str) -> list[Point]:
    """Return the LAs of Figure 3, or of the three strata of Figure 4."""
    found = job.marts.rows(f"figure_0{figure_no}", measure=measure)
    limited = [{"series": "all"} | row for row in found]
    if figure_no == "4":
        limited = list(_with_limits(limited, job.alpha))
    return [Point(figure_no=figure_no, measure=measure, **row) for row in limited]


def _deciles(job: Job, measure: str) -> list[Point]:
    """Return the columns of figures 7 and 8."""
    found = job.marts.rows("figure_deciles", measure=measure)
    return [Point(measure=measure, **row) for row in _with_limits(found, job.alpha)]


def _with_limits(found: Iterable[Mapping[str, Any]], alpha: float) -> Iterator[dict[str, Any]]:
    """Add the exact (Garwood) limits of a rate per 10,000 to rows with their counts."""
    for row in found:
        low, high = exact_limits(row["n_events"], row["population"], alpha)
        yield dict(row) | {"ci_low": low, "ci_high": high}


def exact_limits(n_events: int, population: float, alpha: float) -> tuple[float, float]:
    """Return the exact Poisson limits of a rate per 10,000 (Garwood 1936)."""
    low, high = chi_square_limits(alpha, 2 * n_events, 2 * n_events + 2)
    return 1e4 * (0.5 * low) / population, 1e4 * (0.5 * high) / population


def lines_through(points: list[Point], alpha: float) -> Iterator[PointLine]:
    """Fit a least-squares line through each series of LAs; the slope is that of 10 points."""
    ordered = sorted(points, key=lambda point: (point.figure_no, point.measure, point.series))
    for place, part in itertools.groupby(
        ordered, key=lambda point: (point.figure_no, point.measure, point.series)
    ):
        pairs = [(p.x, p.y) for p in part if p.x is not None and p.y is not None]
        if len({x for x, _ in pairs}) < 3:
            yield PointLine(*place, len(pairs), reason="fewer than 3 LAs: no line")
            continue
        x, y = (np.array(values, dtype=np.float64) for values in zip(*pairs, strict=True))
        line = least_squares(x / 10.0, y, alpha=alpha)
        yield PointLine(
            *place,
            len(pairs),
            float(x.min()),
            float(x.max()),
            line.intercept,
            line.slope,
            line.std_error,
            line.ci_low,
            line.ci_high,
            line.p_value,
            line.r_squared,
        )


def curve(job: Job, measure: str) -> list[Point]:
    """Return the inverse intervention effect as curves: rate by LA income, LSOA income fixed.

    Each curve follows neighbourhoods of one deprivation through authorities from the least to
    the most deprived; where fewer than `minimum_las` such LSOAs lie nearby it is marked.
    """
    from analysis_py.mixed import predict  # noqa: PLC0415 (keeps specs importable alone)

    fitted = job.fitted(main_model(measure))
    if fitted.results is None:
        return []
    grid = job.marts.grid("lsoa").columns
    income, la_income = 100.0 * grid["income"], 100.0 * grid["la_income"]
    mean = float(np.nanmean(la_income - 10.0 * grid["x2"]))
    at = np.linspace(float(np.nanmin(la_income)), float(np.nanmax(la_income)), 25)
    found = []
    for fixed in job.settings.curve_lsoa_income_pct:
        shown = predict(fitted.results, curve_exog(fixed, at, mean), alpha=job.alpha)
        near = np.abs(income - fixed) <= 2.5
        for k, x in enumerate(at):
            n = int(np.count_nonzero(near & (np.abs(la_income - x) <= 2.5)))
            found.append(
                Point(
                    figure_no="inverse_intervention",
                    measure=measure,
                    series=f"LSOAs of {fixed:g} %",
                    place="",
                    x=float(x),
                    y=float(1e4 * shown.mean[k]),
                    ci_low=float(1e4 * shown.ci_low[k]),
                    ci_high=float(1e4 * shown.ci_high[k]),
                    n_events=None,
                    n_areas=n,
                    population=None,
                    is_extrapolated=n < job.settings.minimum_las,
                )
            )
    return found


def curve_exog(lsoa_income_pct: float, la_income_pct: Vector, mean_pct: float) -> Vector:
    """Return the terms of Table 2 for LSOAs of one deprivation in LAs of several, (m, 4)."""
    x1, x2 = (lsoa_income_pct - la_income_pct) / 10.0, (la_income_pct - mean_pct) / 10.0
    return np.column_stack([np.ones(len(x1)), x1, x2, x1 * x2])
