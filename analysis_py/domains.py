"""The model of Table 2 with each domain of deprivation in the place of income, ranked by fit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis_py.design import Counts, Design, Grid, make_design
from analysis_py.figures import main_model
from analysis_py.fitting import Fitted, exp, fit_model
from analysis_py.job import Content, Job


@dataclass(frozen=True)
class Domain:
    """One row of `estimates.domains`, without its run.

    `aic_difference` is to the best domain. Scores have no common unit: `irr` is of one standard
    deviation over LSOAs, `irr_per_sd` of one standard deviation of LSOAs within their LAs.
    """

    measure: str
    domain: str
    rank: int | None = None
    log_likelihood: float | None = None
    aic_difference: float | None = None
    irr: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    irr_per_sd: float | None = None
    interaction: float | None = None
    converged: bool = True
    reason: str = ""


def domains(job: Job) -> Content:
    """Fit and rank every domain, for each measure of the figures."""
    names = [str(row["domain"]) for row in job.marts.rows("domains")]
    found: list[Domain] = []
    for measure in job.settings.figure_measures:
        found += ranked([_domain(job, measure, name) for name in names])
    return {"domains": found}


def _domain(job: Job, measure: str, name: str) -> Domain:
    design = _design(job, measure, name)
    return described(measure, name, fit_model(main_model(measure), design, 1), job.alpha)


def _design(job: Job, measure: str, name: str) -> Design:
    rows = job.marts.arrays("domain_rows", measure=measure, domain=name)
    grid = Grid(rows | {"la_code": rows["la_code"].astype("U")})
    return make_design(main_model(measure), grid, Counts(rows["n_events"], rows["size"]))


def described(measure: str, name: str, fitted: Fitted, alpha: float) -> Domain:
    """Return what a domain's fit says."""
    results = fitted.results
    if results is None:
        return Domain(measure, name, converged=False, reason=fitted.reason)
    line = results.contrast(np.array([0.0, 1.0, 0.0, 0.0]), alpha=alpha)
    return Domain(
        measure,
        name,
        log_likelihood=results.llf,
        irr=exp(line.estimate),
        ci_low=exp(line.ci_low),
        ci_high=exp(line.ci_high),
        irr_per_sd=exp(line.estimate * fitted.moments["x1"][1]),
        interaction=exp(float(results.params[3])),
        reason=fitted.reason,
    )


def ranked(found: list[Domain]) -> list[Domain]:
    """Rank domains by log-likelihood: the same rows and as many parameters, so by AIC too."""
    known = [one.log_likelihood for one in found if one.log_likelihood is not None]
    order = sorted(known, reverse=True)
    return [
        one
        if one.log_likelihood is None
        else replace(
            one,
            rank=1 + order.index(one.log_likelihood),
            aic_difference=2.0 * (order[0] - one.log_likelihood),
        )
        for one in found
    ]
