"""Other models of the same counts, as work that can be sent to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis_py.design import Design, Vector
from analysis_py.fitting import fit_options, fit_rows
from analysis_py.job import Job
from analysis_py.specs import ModelSpec, Sensitivity
from common_py.errors import CinError

if TYPE_CHECKING:
    from analysis_py.mixed import ClusterRobust, Contrast, MixedResults

_SLOPE = {"poisson": "poisson_slope", "binomial": "binomial_slope"}
_INNER = ("subgroup_sd", "row_sd")


@dataclass(frozen=True)
class Alternative:
    """One model to fit beside a table's own.

    Attributes
    ----------
    model
        A key of the engine's models, or `cr2_poisson`, `cr2_binomial`, `left_out`.
    rows, options
        Its arguments: arrays with one entry a row, and the rest.
    """

    method: str
    model: str
    rows: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of it.

    Attributes
    ----------
    params, cov
        Coefficients (p,) and their covariance (p, p); empty where there are none.
    df
        Degrees of freedom of t by coefficient (p,), or nothing for the normal.
    results
        The engine's result, where it is one.
    without
        Coefficients without each LA (J, p) and `labels` (J,), where LAs were left out.
    """

    reason: str
    n_obs: int = 0
    n_groups: int = 0
    params: Vector = field(default_factory=lambda: np.zeros(0))
    cov: Vector = field(default_factory=lambda: np.zeros((0, 0)))
    df: Vector = field(default_factory=lambda: np.zeros(0))
    results: MixedResults | None = None
    without: Vector = field(default_factory=lambda: np.zeros((0, 0)))
    labels: NDArray[Any] = field(default_factory=lambda: np.zeros(0))

    @property
    def is_fitted(self) -> bool:
        """Whether there are numbers."""
        return len(self.params) > 0

    def contrast(self, vector: Vector, alpha: float) -> Contrast:
        """Return vector'params with its interval; a longer model's other terms weigh 0.

        Where each coefficient has degrees of freedom of its own, a combination takes the
        fewest of those it uses.
        """
        from analysis_py.mixed import Contrast  # noqa: PLC0415 (slow to import)
        from analysis_py.mixed.results import quantile, two_sided  # noqa: PLC0415

        full = np.zeros(len(self.params))
        full[: len(vector)] = vector
        value = float(full @ self.params)
        error = float(np.sqrt(max(float(full @ self.cov @ full), 0.0)))
        df = float(self.df[full != 0].min()) if len(self.df) else None
        half = quantile(alpha, df) * error
        p_value = float(two_sided(np.float64(value) / error, df)) if error else 1.0
        return Contrast(value, error, value - half, value + half, p_value)


def alternative(
    job: Job, model: ModelSpec, sensitivity: Sensitivity, design: Design
) -> Alternative:
    """Return what one sensitivity of a model, with its design, fits, or why it cannot be."""
    method = sensitivity.method
    if method == "hazard":
        return _hazard(job, model, sensitivity.of[0], int(sensitivity.of[1]))
    if method == "match_rate_offset":
        return _match_rate(job, model, design)
    rows, options = fit_rows(model, design), fit_options(design)
    points: dict[str, object] = {"n_points": job.settings.sensitivity_points}
    slope: dict[str, object] = {"slope": "x1"}
    if method == "log_link":
        rows = _as_counts(rows)
    ways: dict[str, tuple[str, dict[str, object]]] = {
        "random_slope": (_SLOPE[model.family], slope | points),
        "nb2": ("negative_binomial", points),
        "row_lognormal": ("nested_poisson", {"subgroups": None} | points),
        "msoa_in_la": ("nested_poisson", points),
        "laplace": (model.family, {"n_points": 1}),
        "leave_one_la_out": ("left_out", {"family": model.family}),
        "log_link": ("cr2_poisson", {}),
        "cr2": (f"cr2_{model.family}", {}),
    }
    kind, own = ways[method]
    if method == "msoa_in_la":
        rows |= {"subgroups": _msoas(job, model, design)}
    return Alternative(method, kind, rows, options | own)


def _msoas(job: Job, model: ModelSpec, design: Design) -> NDArray[Any] | None:
    """Return the MSOA of each row, None where the grain has none."""
    codes = job.marts.grid(model.grain).columns.get("msoa_code")
    return None if codes is None else codes[design.areas].astype("U")


def _as_counts(rows: Mapping[str, Any]) -> dict[str, Any]:
    """Take successes as counts and trials as what they are out of: risk ratios, log link."""
    rest = {name: values for name, values in rows.items() if name not in ("successes", "trials")}
    return rest | {"endog": rows["successes"], "exposure": rows["trials"]}


def _match_rate(job: Job, model: ModelSpec, design: Design) -> Alternative:
    """Take only the matched share of each LA's children as its population."""
    rate = job.marts.grid(model.grain).covariate("match_rate", "")
    method = "match_rate_offset"
    if rate is None or not (rate[design.areas] > 0).any():
        return Alternative(method, "", reason="the marts have no match rate by LA")
    share = rate[design.areas]
    known = share > 0
    if not known.all():
        short = {name: values[known] for name, values in fit_rows(model, design).items()}
        rows = short | {"exposure": short["exposure"] * share[known]}
    else:
        rows = fit_rows(model, design) | {"exposure": design.size * share}
    return Alternative(method, model.family, rows, fit_options(design))


def _hazard(job: Job, model: ModelSpec, measure: str, n_months: int) -> Alternative:
    """Model the odds that a spell ends in a month that it reached, over its first months.

    Unlike the share of ceased spells that were short, it holds every spell: those that go
    on count as long as they are seen.
    """
    from analysis_py.design import CONSTANT, model_matrix  # noqa: PLC0415

    found = job.marts.arrays("spell_months", measure=measure, n_months=n_months)
    if not len(found["month_no"]):
        return Alternative("hazard", "", reason=f"no spells of {measure!r} in this year")
    months = np.unique(found["month_no"])
    later = np.column_stack([found["month_no"] == month for month in months[1:]])
    exog = np.column_stack([model_matrix(found, model.terms), later.astype(np.float64)])
    names = [CONSTANT, *model.terms, *(f"month {month}" for month in months[1:])]
    rows = {
        "successes": found["ceased"],
        "exog": exog,
        "groups": found["la_code"].astype("U"),
        "trials": found["at_risk"],
    }
    return Alternative("hazard", "binomial", rows, {"exog_names": names})


def run_alternative(work: Alternative) -> Outcome:
    """Fit one; what cannot be fitted comes back with the reason."""
    if work.reason:
        return Outcome(work.reason)
    try:
        return _run(work)
    except CinError as error:
        return Outcome(f"not fitted: {error.problem}")
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        return Outcome(f"not fitted: {error}")


def _run(work: Alternative) -> Outcome:
    from analysis_py.mixed import (  # noqa: PLC0415 (slow to import)
        FitSpec,
        cluster_robust_binomial,
        cluster_robust_poisson,
        leave_one_group_out,
        run_spec,
    )

    if work.model == "cr2_poisson":
        return _robust(cluster_robust_poisson(**work.rows, **work.options))
    if work.model == "cr2_binomial":
        return _robust(cluster_robust_binomial(**work.rows, **work.options))
    if work.model == "left_out":
        options = dict(work.options)
        spec = FitSpec(work.method, options.pop("family"), work.rows, options)
        left_out = leave_one_group_out(spec, workers=1)
        full = _mixed(left_out.full)
        return replace(full, without=left_out.params, labels=left_out.labels)
    return _mixed(run_spec(FitSpec(work.method, work.model, work.rows, work.options)))


def _mixed(results: MixedResults) -> Outcome:
    if not results.converged:
        return Outcome(
            f"did not converge: {results.reason}", results.nobs, results.n_groups, results=results
        )
    return Outcome(
        results.reason,
        results.nobs,
        results.n_groups,
        results.params,
        results.cov_params(),
        results=results,
    )


def _robust(found: ClusterRobust) -> Outcome:
    if not found.converged:
        return Outcome(f"did not converge: {found.reason}", found.nobs, found.n_groups)
    return Outcome(found.reason, found.nobs, found.n_groups, found.params, found.cov, found.df)


def variances(results: MixedResults) -> dict[str, float | None]:
    """Return a result's variance components by the columns of `estimates`."""
    known = dict(zip(results.variance_names, map(float, results.variance_params), strict=True))
    inner = [known[name] for name in _INNER if name in known]
    return {
        "group_sd": known.get("group_sd"),
        "slope_sd": known.get("slope_sd"),
        "correlation": known.get("correlation"),
        "inner_sd": inner[0] if inner else None,
        "dispersion": known.get("alpha"),
    }
