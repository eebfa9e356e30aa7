"""One model: fit, coefficients and what is known about it. Failure is data here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis_py.design import Design, Vector, first_rows
from analysis_py.specs import ModelSpec
from common_py.errors import CinError

if TYPE_CHECKING:
    from analysis_py.mixed import FitSpec, MixedResults


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
class Fitted:
    """A model with its results, whatever tables print of it.

    Attributes
    ----------
    results
        None where there are none.
    contexts
        x2 of each LA (n_groups,), or nothing where the model has no x2.
    """

    model: ModelSpec
    exog_names: tuple[str, ...]
    n_obs: int
    n_groups: int
    n_events: int
    n_trials: int | None
    results: MixedResults | None
    reason: str
    dispersion: float | None = None
    moments: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    contexts: Vector = field(default_factory=lambda: np.zeros(0))

    @property
    def df(self) -> float | None:
        """Degrees of freedom of its intervals: t with J - 2 on public counts, else normal.

        One row an authority is all that such a model rests on (statistics.md, section 3).
        """
        return float(self.n_groups - 2) if self.model.grain == "la_public" else None


def fit_spec(name: str, model: ModelSpec, design: Design, n_points: int) -> FitSpec:
    """Return the random-intercept model of a design as data."""
    from analysis_py.mixed import FitSpec  # noqa: PLC0415 (keeps specs importable alone)

    return FitSpec(
        name, model.family, fit_rows(model, design), fit_options(design, n_points=n_points)
    )


def fit_rows(model: ModelSpec, design: Design) -> dict[str, Any]:
    """Return a design as the argument names of its family."""
    events, size = ("successes", "trials") if model.family == "binomial" else ("endog", "exposure")
    return {
        events: design.n_events,
        "exog": design.exog,
        "groups": design.groups,
        size: design.size,
    }


def fit_options(design: Design, **options: object) -> dict[str, Any]:
    """Return a model's options with the names of its columns."""
    return {"exog_names": list(design.exog_names)} | options


def fit_model(model: ModelSpec, design: Design, n_points: int) -> Fitted:
    """Fit one model; what cannot be fitted comes back with the reason."""
    results, reason = None, design.reason
    if not reason:
        results, reason = _try_fit(model, design, n_points)
    if results is not None and design.n_left_out:
        # estimates leave the building: a count below 10 is not written in a reason
        number = "fewer than 10" if design.n_left_out < 10 else f"{design.n_left_out:,}"
        left_out = (
            f"{number} events lie in areas without population or a term of the model, outside it"
        )
        reason = "; ".join(part for part in (reason, left_out) if part)
    starts = first_rows(design.groups)
    at = {name: position for position, name in enumerate(design.exog_names)}
    return Fitted(
        model=model,
        exog_names=design.exog_names,
        n_obs=len(design.n_events),
        n_groups=len(starts),
        n_events=round(float(design.n_events.sum())),
        n_trials=round(float(design.size.sum())) if model.family == "binomial" else None,
        results=results,
        reason=reason,
        dispersion=None if results is None else _dispersion(model, design, results),
        moments=design.moments,
        contexts=design.exog[starts, at["x2"]] if "x2" in at else np.zeros(0),
    )


def _try_fit(model: ModelSpec, design: Design, n_points: int) -> tuple[MixedResults | None, str]:
    """Return (results, what to know about them) or (None, why there are none)."""
    from analysis_py.mixed import run_spec  # noqa: PLC0415 (keeps specs importable alone)

    try:
        results = run_spec(fit_spec(str(model.cohort), model, design, n_points))
    except (CinError, ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        return None, f"not fitted: {getattr(error, 'problem', error)}"
    if not results.converged:
        return None, f"did not converge: {results.reason}"
    return results, results.reason


def coefficients(spec_id: str, fitted: Fitted, alpha: float) -> tuple[Coefficient, ...]:
    """Return one line a coefficient of a fit that has results."""
    if fitted.results is None:
        return ()
    found = []
    for position, term in enumerate(fitted.exog_names):
        unit = np.zeros(len(fitted.exog_names))
        unit[position] = 1.0
        line = fitted.results.contrast(unit, alpha=alpha, df=fitted.df)
        found.append(
            Coefficient(
                spec_id,
                term,
                line.estimate,
                line.std_error,
                line.ci_low,
                line.ci_high,
                exp(line.estimate),
                exp(line.ci_low),
                exp(line.ci_high),
                line.p_value,
            )
        )
    return tuple(found)


def exp(value: float) -> float:
    """Return exp(value), infinite where it is too large for a double."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _dispersion(model: ModelSpec, design: Design, results: MixedResults) -> float | None:
    """Return the Pearson dispersion given the predicted LA effects (1 under the model)."""
    mean, variance = fitted_moments(model, design, results)
    free = len(design.n_events) - design.exog.shape[1] - len(results.group_effects)
    if free <= 0:
        return None
    return float(np.sum((design.n_events - mean) ** 2 / variance) / free)


def fitted_moments(
    model: ModelSpec, design: Design, results: MixedResults
) -> tuple[Vector, Vector]:
    """Return mean and variance of each row's events given the predicted LA effects, (n,)."""
    starts = first_rows(design.groups)
    position = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(design.groups))))
    eta: Vector = design.exog @ results.params + results.group_effects[position]
    if model.family == "binomial":
        share = 1.0 / (1.0 + np.exp(-eta))
        mean = design.size * share
        return mean, mean * (1.0 - share)
    mean = design.size * np.exp(eta)
    return mean, mean
