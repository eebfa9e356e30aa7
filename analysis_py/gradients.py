"""A Poisson model per LA (Figure 5), and the regression of its gradient on LA income."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis_py.design import Vector
from analysis_py.figures import main_model
from analysis_py.job import Content, Job
from analysis_py.lines import least_squares
from analysis_py.tails import quantile_below

if TYPE_CHECKING:
    from analysis_py.mixed import MixedResults


@dataclass(frozen=True)
class LaGradient:
    """One row of `estimates.la_gradients`, without its run: an LA's own gradient.

    `irr` is the rate ratio for 10 percentage points of neighbourhood income deprivation;
    `la_income` is the LA's average score (0-1). The shrunken ratio is what the random-slope
    model over all LAs predicts for it: fewer events pull it nearer to LAs of like income.
    """

    census_year: int
    la_code: str
    measure: str
    la_income: float
    n_events: int
    n_lsoas: int
    b1: float | None
    std_error: float | None
    irr: float | None
    ci_low: float | None
    ci_high: float | None
    converged: bool
    reason: str
    shrunken_irr: float | None = None
    shrunken_low: float | None = None
    shrunken_high: float | None = None


@dataclass(frozen=True)
class GradientLine:
    """One row of `estimates.la_gradient_lines`, without its run.

    Least squares of the LAs' rate ratios on their income deprivation: `slope` is the change
    of the ratio per 10 percentage points of LA income.
    """

    census_year: int
    measure: str
    n_las: int
    mean_irr: float | None
    intercept: float | None = None
    slope: float | None = None
    std_error: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    r_squared: float | None = None
    reason: str = ""


def gradients(job: Job) -> Content:
    """Return the gradient of every LA, raw and shrunken, and the line through the raw ones.

    The random-slope model beside Table 2 shrinks them, where the run has fitted it.
    """
    found: list[LaGradient] = []
    lines = []
    measures = job.settings.gradient_measures
    for done, measure in enumerate(measures, start=1):
        part = la_gradients(job, measure)
        model = main_model(measure)
        outcome = job.outcomes.get((model.key, "random_slope"))
        if outcome is not None and outcome.results is not None and outcome.is_fitted:
            part = shrunken(part, outcome.results, job.fitted(model).contexts, job.alpha)
        found += part
        lines.append(gradient_line(job.census_year, measure, part, job.alpha))
        job.progress("gradient of each LA", done, len(measures))
    return {"la_gradients": found, "la_gradient_lines": lines}


def la_gradients(job: Job, measure: str) -> list[LaGradient]:
    """Fit each LA's own model, in the order of LA codes."""
    found = job.marts.arrays("la_gradients", measure=measure)
    least = job.settings.minimum_la_events
    return [
        _la_gradient(job.census_year, measure, part, job.alpha, least) for part in _by_la(found)
    ]


def shrunken(
    gradients: list[LaGradient], results: MixedResults, contexts: Vector, alpha: float
) -> list[LaGradient]:
    """Add the gradients that a random-slope model predicts: b1 + b3 x2 + the LA's own part.

    Parameters
    ----------
    results
        Of the model of x1, x2 and x1:x2 whose slope of x1 varies by LA.
    contexts
        x2 of each LA (n_groups,), in the order of `results.group_labels`.
    """
    names = list(results.exog_names)
    weights = np.zeros((len(contexts), len(names)))
    weights[:, names.index("x1")] = 1.0
    weights[:, names.index("x1:x2")] = contexts
    centre = weights @ results.params + results.group_slopes
    fixed = np.einsum("ja,ab,jb->j", weights, results.cov_params(), weights)
    half = quantile_below(1 - alpha / 2) * np.sqrt(fixed + results.group_slopes_se**2)
    at = {str(label): position for position, label in enumerate(results.group_labels)}
    found = []
    for one in gradients:
        position = at.get(one.la_code)
        if position is None:
            found.append(one)
            continue
        value, width = float(centre[position]), float(half[position])
        found.append(
            replace(
                one,
                shrunken_irr=math.exp(value),
                shrunken_low=math.exp(value - width),
                shrunken_high=math.exp(value + width),
            )
        )
    return found


def gradient_line(
    census_year: int, measure: str, gradients: list[LaGradient], alpha: float
) -> GradientLine:
    """Regress the gradients of the LAs that have one on LA income, by least squares."""
    points = [
        (10.0 * one.la_income, one.irr)
        for one in gradients
        if one.irr is not None and math.isfinite(one.la_income)
    ]
    mean = float(np.mean([irr for _, irr in points])) if points else None
    if len({income for income, _ in points}) < 3:
        reason = "fewer than 3 LAs with a gradient: no line"
        return GradientLine(census_year, measure, len(points), mean, reason=reason)
    line = least_squares(*(np.array(values) for values in zip(*points, strict=True)), alpha=alpha)
    return GradientLine(
        census_year,
        measure,
        len(points),
        mean,
        line.intercept,
        line.slope,
        line.std_error,
        line.ci_low,
        line.ci_high,
        line.p_value,
        line.r_squared,
    )


def _by_la(found: Mapping[str, NDArray[Any]]) -> Iterator[dict[str, NDArray[Any]]]:
    """Cut arrays that are ordered by LA into one part an LA."""
    codes = found["la_code"]
    if len(codes) == 0:
        return
    starts = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    bounds = [0, *starts.tolist(), len(codes)]
    for low, high in itertools.pairwise(bounds):
        yield {name: values[low:high] for name, values in found.items()}


def _la_gradient(
    census_year: int, measure: str, part: Mapping[str, NDArray[Any]], alpha: float, least: int
) -> LaGradient:
    estimate, std_error, reason = _slope(part, least)
    irr = ci_low = ci_high = None
    if estimate is not None and std_error is not None:
        half = quantile_below(1 - alpha / 2) * std_error
        irr, ci_low, ci_high = (
            math.exp(value) for value in (estimate, estimate - half, estimate + half)
        )
    return LaGradient(
        census_year=census_year,
        la_code=str(part["la_code"][0]),
        measure=measure,
        la_income=float(part["la_income"][0]),
        n_events=round(float(part["n_events"].sum())),
        n_lsoas=len(part["n_events"]),
        b1=estimate,
        std_error=std_error,
        irr=irr,
        ci_low=ci_low,
        ci_high=ci_high,
        converged=not reason,
        reason=reason,
    )


def _slope(part: Mapping[str, NDArray[Any]], least: int) -> tuple[float | None, float | None, str]:
    """Return an LA's (b1, standard error, ''), or (None, None, why there is none)."""
    if len(part["n_events"]) < 3:
        return None, None, "fewer than 3 LSOAs"
    if not part["n_events"].any():
        return None, None, "no events in this LA"
    if part["n_events"].sum() < least:
        return None, None, f"fewer than {least} events"
    if np.ptp(part["x1"]) < 1e-9:
        return None, None, "every LSOA has the same deprivation score"
    estimate, std_error, reason = _poisson_slope(part)
    if not reason and std_error > 5:
        reason = "the events do not identify a gradient (separation)"
    return (None, None, reason) if reason else (estimate, std_error, "")


def _poisson_slope(part: Mapping[str, NDArray[Any]]) -> tuple[float, float, str]:
    """Fit log E[events] = log(population) + a + b1 x1 with statsmodels."""
    from statsmodels.genmod.families import Poisson  # noqa: PLC0415 (a second to import)
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    exog = np.column_stack([np.ones(len(part["x1"])), part["x1"]])
    model = GLM(part["n_events"], exog, family=Poisson(), offset=np.log(part["population"]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = model.fit()
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        return math.nan, math.nan, f"not fitted: {error}"
    estimate, std_error = float(fitted.params[1]), float(fitted.bse[1])
    finite = math.isfinite(estimate) and math.isfinite(std_error)
    return estimate, std_error, "" if fitted.converged and finite else "did not converge"
