"""Correlations: of domains, of indicators with LA income, of the match rate with the rest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis_py.job import Content, Job
from analysis_py.tails import above, quantile_above

#: What the LA match rate is held against (report, section 2.2), besides every indicator.
_AGAINST = ("referral_rate", "cin_rate", "cp_plan_rate", "la_income")
_SUFFIX = "_z"


@dataclass(frozen=True)
class Correlation:
    """One row of `estimates.correlations`, without its run."""

    subject: str
    grain: str
    variable_a: str
    variable_b: str
    n_areas: int
    correlation: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    reason: str = ""


def correlations(job: Job) -> Content:
    """Return every correlation of the run."""
    las = job.marts.arrays("la_context")
    indicators = [name for name in las if name.endswith(_SUFFIX) and name != "la_income_z"]
    found = [_domain_pair(row, job.alpha) for row in job.marts.rows("domain_correlations")]
    found += [
        pearson(las, name, "la_income", subject="indicators", alpha=job.alpha)
        for name in indicators
    ]
    found += [
        pearson(las, "match_rate", name, subject="match_rate", alpha=job.alpha)
        for name in (*_AGAINST, *indicators)
    ]
    return {"correlations": found}


def too_close(job: Job, context: str = "la_context") -> Mapping[str, str]:
    """Return, by indicator, why it is not tabulated: too close to the LA's income.

    `context` names the SQL of authorities with `la_income` and their indicators.
    """
    limit = job.settings.maximum_correlation
    las = job.marts.arrays(context)
    refused = {}
    for name in las:
        if not name.endswith(_SUFFIX) or name.startswith("la_income"):
            continue
        found = pearson(las, name, "la_income", subject="indicators", alpha=job.alpha)
        if found.correlation is not None and abs(found.correlation) >= limit:
            refused[found.variable_a] = (
                f"correlated {found.correlation:.2f} with LA income deprivation, "
                f"{limit:g} or more: not tabulated"
            )
    return refused


def pearson(
    columns: Mapping[str, NDArray[Any]], a: str, b: str, *, subject: str, alpha: float
) -> Correlation:
    """Correlate two columns over the LAs that have both, with Fisher's interval."""
    x, y = (np.asarray(columns[name], dtype=np.float64) for name in (a, b))
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    names = (subject, "la", a.removesuffix(_SUFFIX), b.removesuffix(_SUFFIX), len(x))
    if len(x) < 4:
        return Correlation(*names, None, reason="fewer than 4 LAs have both")
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return Correlation(*names, None, reason="one of them does not vary")
    return Correlation(*names, *fisher(float(np.corrcoef(x, y)[0, 1]), len(x), alpha))


def fisher(r: float, n: int, alpha: float) -> tuple[float, float, float, float]:
    """Return a correlation with Fisher's interval and the p-value of no correlation (t)."""
    r = max(-1.0, min(1.0, r))
    if abs(r) == 1.0:
        return r, r, r, 0.0
    centre, half = math.atanh(r), quantile_above(alpha / 2) / math.sqrt(n - 3)
    t = abs(r) * math.sqrt((n - 2) / (1 - r * r))
    return r, math.tanh(centre - half), math.tanh(centre + half), float(2 * above(t, n - 2))


def _domain_pair(row: Mapping[str, Any], alpha: float) -> Correlation:
    names = ("domains", "lsoa", row["variable_a"], row["variable_b"], int(row["n_areas"]))
    r = row["correlation"]
    if r is None or names[-1] < 4:
        return Correlation(*names, None, reason="fewer than 4 LSOAs, or no variation")
    return Correlation(*names, *fisher(float(r), names[-1], alpha))
