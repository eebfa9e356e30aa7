"""One model of one table row: fit, coefficients and cells. Failure is data here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis_py.design import Design, Totals, Vector
from analysis_py.specs import ColumnSpec, RowSpec, TableSpec
from common_py.errors import CinError


@dataclass(frozen=True)
class Fit:
    """One row of `estimates.fits`, without its run."""

    spec_id: str
    table_no: str
    row_label: str
    measure: str
    stratum_type: str
    stratum: str
    family: str
    n_obs: int
    n_groups: int
    n_events: int
    log_likelihood: float | None
    group_sd: float | None
    dispersion: float | None
    converged: bool
    reason: str


@dataclass(frozen=True)
class Coefficient:
    """One row of `estimates.coefficients`, without its run; ratio = exp(estimate)."""

    spec_id: str
    term: str
    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    p_value: float


@dataclass(frozen=True)
class Cell:
    """One printed cell, without its run; the interval is None where a count has none."""

    table_no: str
    row_label: str
    statistic: str
    value: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class RowResult:
    """Everything one table row writes."""

    fit: Fit
    coefficients: tuple[Coefficient, ...]
    cells: tuple[Cell, ...]


def fit_row(
    table: TableSpec,
    row: RowSpec,
    design: Design,
    totals: Totals,
    *,
    alpha: float,
    n_points: int,
) -> RowResult:
    """Fit one row's model and turn it into estimates.

    Parameters
    ----------
    alpha
        One minus the confidence level of the intervals.
    n_points
        Quadrature points.

    Returns
    -------
    RowResult
        With `converged` False, a reason and NULL model cells when the fit failed.
    """
    results, reason = _try_fit(design, totals, row, n_points)
    converged = results is not None
    coefficients = _coefficients(table.spec_id(row), design, results, alpha) if converged else ()
    if converged and totals.n_left_out:
        # estimates leave the building: a count below 10 is not written in a reason
        number = "fewer than 10" if totals.n_left_out < 10 else f"{totals.n_left_out:,}"
        left_out = (
            f"{number} events lie in LSOAs without population or deprivation score, "
            "outside the model"
        )
        reason = "; ".join(part for part in (reason, left_out) if part)
    return RowResult(
        fit=Fit(
            spec_id=table.spec_id(row),
            table_no=table.table_no,
            row_label=row.label,
            measure=row.cohort.measure,
            stratum_type=row.cohort.stratum_type,
            stratum=row.cohort.stratum,
            family=table.family,
            n_obs=len(design.n_events),
            n_groups=len(np.unique(design.groups.astype(str))),
            n_events=round(float(design.n_events.sum())),
            log_likelihood=float(results.llf) if converged else None,
            group_sd=float(results.group_sd) if converged else None,
            dispersion=_dispersion(design, results) if converged else None,
            converged=converged,
            reason=reason,
        ),
        coefficients=coefficients,
        cells=cells(table, row, totals, design.exog_names, results, alpha=alpha),
    )


def _try_fit(design: Design, totals: Totals, row: RowSpec, n_points: int) -> tuple[Any, str]:
    """Return (results, what to know about them) or (None, why there are none)."""
    if totals.n_lsoas == 0:
        cohort = row.cohort
        return None, (
            f"no counts of measure {cohort.measure!r} in stratum {cohort.stratum_type}="
            f"{cohort.stratum} for this year"
        )
    if len(design.n_events) == 0:
        return None, "no LSOA has both a population and a deprivation score"
    if not design.n_events.any():
        return None, "no events in this stratum"
    from analysis_py.mixed import PoissonMixed  # noqa: PLC0415 (keeps specs importable alone)

    try:
        results = PoissonMixed(
            design.n_events,
            design.exog,
            design.groups,
            exposure=design.population,
            exog_names=list(design.exog_names),
            n_points=n_points,
        ).fit()
    except (CinError, ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        return None, f"not fitted: {getattr(error, 'problem', error)}"
    if not results.converged:
        return None, f"did not converge: {results.reason}"
    return results, str(results.reason)


def _coefficients(
    spec_id: str, design: Design, results: Any, alpha: float
) -> tuple[Coefficient, ...]:
    found = []
    for position, term in enumerate(design.exog_names):
        unit = np.zeros(len(design.exog_names))
        unit[position] = 1.0
        line = results.contrast(unit, alpha=alpha)
        found.append(
            Coefficient(
                spec_id,
                term,
                float(line.estimate),
                float(line.std_error),
                float(line.ci_low),
                float(line.ci_high),
                _exp(line.estimate),
                _exp(line.ci_low),
                _exp(line.ci_high),
                float(line.p_value),
            )
        )
    return tuple(found)


def cells(
    table: TableSpec,
    row: RowSpec,
    totals: Totals,
    exog_names: Sequence[str],
    results: Any,
    *,
    alpha: float,
) -> tuple[Cell, ...]:
    """Return a row's printed cells: totals as counted, ratios as exp of their contrasts.

    Parameters
    ----------
    results
        A fit with `contrast(vector (p,), alpha)`, or None, which makes ratios None.

    Notes
    -----
    The report's contexts are an LA 10 percentage points below (exp(b1 − b3)) and above
    (exp(b1 + b3)) the average: statistics.md section 3.
    """
    return tuple(
        Cell(
            table.table_no,
            row.label,
            column.statistic,
            *(
                _ratio(column, exog_names, results, alpha)
                if column.contrast
                else (totals.statistics[column.statistic], None, None)
            ),
        )
        for column in table.columns
    )


def _ratio(
    column: ColumnSpec, exog_names: Sequence[str], results: Any, alpha: float
) -> tuple[float | None, float | None, float | None]:
    if results is None:
        return None, None, None
    weights = np.zeros(len(exog_names))
    for term, weight in column.contrast:
        weights[list(exog_names).index(term)] += weight
    line = results.contrast(weights, alpha=alpha)
    return _exp(line.estimate), _exp(line.ci_low), _exp(line.ci_high)


def _exp(value: float) -> float:
    """Return exp(value), infinite where it is too large for a double."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _dispersion(design: Design, results: Any) -> float | None:
    """Return the Pearson dispersion given the predicted LA effects (1 when Poisson)."""
    effects = np.asarray(results.group_effects, dtype=np.float64)
    labels, position = np.unique(design.groups.astype(str), return_inverse=True)
    free = len(design.n_events) - design.exog.shape[1] - len(labels)
    if len(effects) != len(labels) or free <= 0:
        return None
    eta: Vector = design.exog @ np.asarray(results.params) + effects[position]
    mean = design.population * np.exp(eta)
    return float(np.sum((design.n_events - mean) ** 2 / mean) / free)
