"""Estimates without each group in turn: which LA carries a result (statistics, section 3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis_py.mixed.base import RandomIntercept
from analysis_py.mixed.design import group_codes
from analysis_py.mixed.parallel import MODELS, FitSpec, fit_many, run_spec
from analysis_py.mixed.quadrature import FloatArray
from analysis_py.mixed.results import MixedResults
from common_py.progress import Progress, silent


@dataclass(frozen=True)
class LeaveOneOut:
    """Estimates without each group in turn.

    Attributes
    ----------
    labels
        The group left out, (J,).
    params
        Coefficients without it, (J, p); NaN where that fit failed.
    change
        Change of each coefficient in standard errors of the full fit, (J, p).
    full
        The fit with every group.
    """

    labels: np.ndarray[Any, Any]
    params: FloatArray
    change: FloatArray
    full: MixedResults

    def most_influential(self, coefficient: int) -> tuple[Any, float]:
        """Return the group that moves a coefficient most, and by how many standard errors."""
        sizes = np.where(np.isnan(self.change[:, coefficient]), -1.0, 0.0)
        sizes = np.where(sizes < 0, sizes, np.abs(self.change[:, coefficient]))
        where = int(np.argmax(sizes))
        return self.labels[where], float(self.change[where, coefficient])


def leave_one_group_out(
    spec: FitSpec, workers: int | None = None, *, progress: Progress = silent
) -> LeaveOneOut:
    """Fit `spec` without each of its groups.

    A random-intercept model climbs from the full fit, on its own rows; what does not get there
    so, and every other model, is fitted from the beginning.
    """
    full = run_spec(spec)
    groups = np.asarray(spec.rows["groups"])
    codes, labels = group_codes(groups, len(groups))
    params = _climbed(spec, full, labels)
    cold = np.flatnonzero(np.isnan(params).any(axis=1))
    options = {**spec.options, "exog_names": full.exog_names}

    def without(j: int) -> FitSpec:
        keep = codes != j
        rows = {
            name: None if value is None else np.asanyarray(value)[keep]
            for name, value in spec.rows.items()
        }
        name = f"{spec.name} without {labels[j]}"
        return replace(spec, name=name, rows=rows, options=options)

    def counted(step: str, done: int, total: int) -> None:
        progress(step, len(labels) - total + done, len(labels))

    for done in range(1, len(labels) - len(cold) + 1):
        progress("fits", done, len(labels))
    fits = fit_many([without(int(j)) for j in cold], workers, progress=counted)
    for j, fit in zip(cold, fits, strict=True):
        params[j] = fit.params
    return LeaveOneOut(labels, params, (params - full.params) / full.bse, full)


def _climbed(spec: FitSpec, full: MixedResults, labels: np.ndarray[Any, Any]) -> FloatArray:
    """Return the coefficients (J, p) that the full fit leads to, NaN where it leads nowhere."""
    params = np.full((len(labels), len(full.params)), np.nan)
    if not full.converged or full.boundary or len(labels) < 3:
        return params
    model = MODELS[spec.model](**spec.rows, **spec.options)
    if isinstance(model, RandomIntercept):
        params[np.searchsorted(labels, full.group_labels)] = model.without_each(full)
    return params
