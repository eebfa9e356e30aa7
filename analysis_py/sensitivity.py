"""The same cells estimated other ways: beside the main result, never in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from analysis_py.alternatives import Alternative, Outcome, alternative, variances
from analysis_py.cells import Estimate, beyond, context, contrast_of, vector_of
from analysis_py.design import Vector, weights
from analysis_py.fitting import Fitted, exp
from analysis_py.job import Content, Job
from analysis_py.specs import ColumnSpec, ModelSpec, RowSpec, Sensitivity, TableSpec, with_models
from analysis_py.tables import distinct

#: Ways that need no other fit than the table's own.
_FROM_THE_FIT = ("context_1sd", "t_interval")

#: (`ModelSpec.key`, method) of a model that was fitted beside a table's own.
Key = tuple[tuple[object, ...], str]


@dataclass(frozen=True)
class SensitivityCell:
    """One row of `estimates.sensitivities`, without its run."""

    spec_id: str
    table_no: str
    row_label: str
    statistic: str
    method: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    is_extrapolated: bool
    reason: str


@dataclass(frozen=True)
class SensitivityFit:
    """One row of `estimates.sensitivity_fits`, without its run."""

    spec_id: str
    method: str
    n_obs: int
    n_groups: int
    log_likelihood: float | None
    group_sd: float | None
    slope_sd: float | None
    correlation: float | None
    inner_sd: float | None
    dispersion: float | None
    statistic: float | None
    p_value: float | None
    converged: bool
    reason: str


def planned_sensitivities(job: Job) -> dict[Key, Alternative]:
    """Return every model that a table's file asks for beside its own, each once."""
    asked: dict[Key, tuple[ModelSpec, Sensitivity]] = {}
    for table in with_models(job.tables):
        for sensitivity in table.sensitivities:
            if sensitivity.method in _FROM_THE_FIT:
                continue
            for model in _asked(table, sensitivity):
                if job.fits[model.key].results is not None:
                    asked.setdefault((model.key, sensitivity.method), (model, sensitivity))
    models = {model.key: model for model, _ in asked.values()}
    designs = {key: job.marts.design(model) for key, model in models.items()}
    return {key: alternative(job, *found, designs[found[0].key]) for key, found in asked.items()}


def sensitivities(job: Job) -> Content:
    """Lay out the cells of every sensitivity, and the models behind them."""
    cells: list[SensitivityCell] = []
    fits: list[SensitivityFit] = []
    for table in with_models(job.tables):
        for sensitivity in table.sensitivities:
            cells += _cells(job, table, sensitivity)
            fits += _fits(job, table, sensitivity)
    return {"sensitivities": cells, "sensitivity_fits": fits}


def _asked(table: TableSpec, sensitivity: Sensitivity) -> Iterator[ModelSpec]:
    """Yield the models that a sensitivity is for."""
    for _, model in distinct(table):
        if sensitivity.method == "hazard" or model.name in (sensitivity.of or (model.name,)):
            yield model


def _cells(job: Job, table: TableSpec, sensitivity: Sensitivity) -> Iterator[SensitivityCell]:
    asked = {model.key for model in _asked(table, sensitivity)}
    for row in table.rows:
        for column in table.columns_of(row):
            model = row.model(column.model)
            if column.how != "contrast" or model.key not in asked:
                continue
            outcome = job.outcomes.get((model.key, sensitivity.method))
            found = _found(job, row, column, sensitivity.method, outcome)
            if found is None:
                continue
            estimate, is_extrapolated, reason = found
            yield SensitivityCell(
                table.spec_id(model),
                table.table_no,
                row.label,
                column.statistic,
                sensitivity.method,
                estimate.value,
                estimate.ci_low,
                estimate.ci_high,
                estimate.p_value,
                is_extrapolated,
                reason,
            )


def _found(
    job: Job, row: RowSpec, column: ColumnSpec, method: str, outcome: Outcome | None
) -> tuple[Estimate, bool, str] | None:
    """Return (estimate, whether extrapolated, reason) of one cell, or None: not for it."""
    fitted = job.fits[row.model(column.model).key]
    at = weights(contrast_of(column, row), fitted.moments)
    vector = vector_of(at, fitted.exog_names)
    if method == "context_1sd":
        return _one_sd(job, column, at, fitted)
    if method == "t_interval":
        return _t_interval(fitted, vector, job.alpha)
    if outcome is None:
        return None
    if not outcome.is_fitted:
        return Estimate(), False, outcome.reason
    if len(outcome.labels):
        return _range(outcome, vector)
    line = outcome.contrast(vector, job.alpha)
    ratio = Estimate(exp(line.estimate), exp(line.ci_low), exp(line.ci_high), line.p_value)
    return ratio, False, outcome.reason


def _one_sd(
    job: Job, column: ColumnSpec, at: Mapping[str, float], fitted: Fitted
) -> tuple[Estimate, bool, str] | None:
    """Move a context of 10 points to one standard deviation of LA income."""
    if fitted.results is None or not context(column, at):
        return None
    sd = fitted.moments["x2"][1]
    scaled = {
        term: weight * (sd if "x2" in term.split(":") else 1.0) for term, weight in at.items()
    }
    line = fitted.results.contrast(vector_of(scaled, fitted.exog_names), alpha=job.alpha)
    ratio = Estimate(exp(line.estimate), exp(line.ci_low), exp(line.ci_high), line.p_value)
    is_far, far = beyond(fitted, context(column, scaled), job.settings.minimum_las)
    return ratio, is_far, "; ".join(part for part in (f"{10 * sd:.1f} points", far) if part)


def _t_interval(fitted: Fitted, vector: Vector, alpha: float) -> tuple[Estimate, bool, str] | None:
    """Take t with J - 2 degrees of freedom in the place of the normal."""
    if fitted.results is None or fitted.n_groups < 3:
        return None
    df = fitted.n_groups - 2
    line = fitted.results.contrast(vector, alpha=alpha, df=df)
    ratio = Estimate(exp(line.estimate), exp(line.ci_low), exp(line.ci_high), line.p_value)
    return ratio, False, f"t with {df} degrees of freedom"


def _range(outcome: Outcome, vector: Vector) -> tuple[Estimate, bool, str]:
    """Return the value without the LA that moves it most, and the range over all of them."""
    full = float(vector @ outcome.params)
    values = outcome.without @ vector
    known = np.isfinite(values)
    if not known.any():
        return Estimate(), False, "no model without one LA converged"
    most = int(np.argmax(np.where(known, np.abs(values - full), -1.0)))
    error = float(np.sqrt(vector @ outcome.cov @ vector))
    reason = (
        f"without {outcome.labels[most]}, which moves it by "
        f"{(values[most] - full) / error:+.2f} standard errors"
    )
    low, high = float(values[known].min()), float(values[known].max())
    return Estimate(exp(values[most]), exp(low), exp(high)), False, reason


def _fits(job: Job, table: TableSpec, sensitivity: Sensitivity) -> Iterator[SensitivityFit]:
    for spec_id, model in distinct(table):
        outcome = job.outcomes.get((model.key, sensitivity.method))
        if outcome is not None and not len(outcome.labels):
            yield _fit(spec_id, sensitivity.method, outcome)


def _fit(spec_id: str, method: str, outcome: Outcome) -> SensitivityFit:
    found: dict[str, float | None] = dict.fromkeys(
        ("group_sd", "slope_sd", "correlation", "inner_sd", "dispersion")
    )
    log_likelihood = statistic = p_value = None
    if outcome.results is not None and outcome.is_fitted:
        found = variances(outcome.results)
        log_likelihood = outcome.results.llf
        test = outcome.results.variance_test()
        statistic, p_value = test.statistic, test.p_value
    return SensitivityFit(
        spec_id=spec_id,
        method=method,
        n_obs=outcome.n_obs,
        n_groups=outcome.n_groups,
        log_likelihood=log_likelihood,
        statistic=statistic,
        p_value=p_value,
        converged=outcome.is_fitted,
        reason=outcome.reason,
        **found,
    )
