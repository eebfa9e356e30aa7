"""Indices of inequality: the study's absolute slope, and the ranked SII and RII beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis_py.alternatives import Alternative, run_alternative
from analysis_py.fitting import exp
from analysis_py.job import Content, Job
from analysis_py.lines import least_squares


@dataclass(frozen=True)
class Index:
    """One row of `estimates.indices`, without its run.

    absolute_slope
        Events per 10,000 for 10 percentage points of LSOA income: the study's.
    sii
        Difference in events per 10,000 between the most and the least deprived end of the
        ranking of children by LSOA income (slope index of inequality).
    rii
        Ratio between these ends (relative index of inequality).
    """

    measure: str
    index_name: str
    is_of_the_study: bool
    n_areas: int
    value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    reason: str = ""


def indices(job: Job) -> Content:
    """Return the three indices of each measure of the figures."""
    found = []
    for measure in job.settings.figure_measures:
        rows = job.marts.arrays("ranked_lsoas", measure=measure)
        found += indices_of(measure, rows, job.alpha)
    return {"indices": found}


def indices_of(measure: str, rows: Mapping[str, NDArray[Any]], alpha: float) -> list[Index]:
    """Return the indices of LSOA rows: la_code, n_events, population, rank, rates, income."""
    n = len(rows["rank"])
    if n < 3 or np.ptp(rows["rank"]) < 1e-9:
        reason = "fewer than 3 LSOAs, or all equally deprived"
        return [
            Index(measure, name, name == "absolute_slope", n, reason=reason)
            for name in ("absolute_slope", "sii", "rii")
        ]
    line = least_squares(rows["income_pct"] / 10.0, rows["rate_per_10k"], alpha=alpha, robust=True)
    return [
        Index(measure, "absolute_slope", True, n, line.slope, line.ci_low, line.ci_high),
        _sii(measure, rows, alpha),
        _rii(measure, rows, alpha),
    ]


def _sii(measure: str, rows: Mapping[str, NDArray[Any]], alpha: float) -> Index:
    """Fit rate = a + SII rank, weighted by population, errors clustered by LA."""
    from statsmodels.regression.linear_model import WLS  # noqa: PLC0415 (a second to import)

    n = len(rows["rank"])
    clusters = np.unique(rows["la_code"].astype("U"), return_inverse=True)[1]
    if clusters.max() < 1:
        return Index(measure, "sii", False, n, reason="one LA: its variation is not known")
    exog = np.column_stack([np.ones(n), rows["rank"]])
    model = WLS(rows["rate_per_10k"], exog, weights=rows["population"])
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": clusters})
    low, high = fitted.conf_int(alpha)[1]
    return Index(measure, "sii", False, n, float(fitted.params[1]), float(low), float(high))


def _rii(measure: str, rows: Mapping[str, NDArray[Any]], alpha: float) -> Index:
    """Fit log rate = a + log(RII) rank as Poisson, CR2 errors by LA."""
    n = len(rows["rank"])
    outcome = run_alternative(
        Alternative(
            "rii",
            "cr2_poisson",
            {
                "endog": rows["n_events"],
                "exog": np.column_stack([np.ones(n), rows["rank"]]),
                "groups": rows["la_code"].astype("U"),
                "exposure": rows["population"],
            },
            {"exog_names": ["const", "rank"]},
        )
    )
    if not outcome.is_fitted:
        return Index(measure, "rii", False, n, reason=outcome.reason)
    line = outcome.contrast(np.array([0.0, 1.0]), alpha)
    return Index(measure, "rii", False, n, exp(line.estimate), exp(line.ci_low), exp(line.ci_high))
