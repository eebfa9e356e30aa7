"""Moran's I of what the models leave over: whether neighbours are alike beyond covariates.

Neighbours are areas of one larger area: LAs of a region, LSOAs of an MSOA. The marts hold no
coordinates, and these are the neighbourhoods that the study's hierarchy knows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis_py.design import Vector
from analysis_py.figures import main_model
from analysis_py.fitting import fitted_moments
from analysis_py.job import Job
from analysis_py.stacked import Comparison
from common_py.errors import CinError

_QUESTION = "Are neighbouring areas alike in what the model of Table 2 leaves over?"


def moran_tests(job: Job) -> list[Comparison]:
    """Return Moran's I of LA effects and of LSOA residuals, for each measure of the figures."""
    regions = {str(row["la_code"]): str(row["region_code"]) for row in job.marts.rows("la_regions")}
    found = []
    for measure in job.settings.figure_measures:
        fitted = job.fitted(main_model(measure))
        las, lsoas = "LA effects within regions", "LSOA residuals within MSOAs"
        if fitted.results is None:
            found += [_failed(measure, name, fitted.reason) for name in (las, lsoas)]
            continue
        results = fitted.results
        design = job.marts.design(main_model(measure))
        mean, variance = fitted_moments(fitted.model, design, results)
        blocks = np.array([regions.get(str(label), "") for label in results.group_labels])
        msoas = job.marts.grid("lsoa").columns["msoa_code"][design.areas].astype("U")
        residuals = (design.n_events - mean) / np.sqrt(variance)
        found += [
            moran(measure, las, results.group_effects, blocks, results.n_groups),
            moran(measure, lsoas, residuals, msoas, results.n_groups),
        ]
    return found


def moran(
    measure: str, subject: str, values: Vector, blocks: NDArray[Any], n_groups: int
) -> Comparison:
    """Return Moran's I of values (n,) among members of the same block (n,)."""
    from analysis_py.mixed import morans_i  # noqa: PLC0415 (keeps specs importable alone)

    try:
        found = morans_i(values, block_weights(blocks))
    except CinError as error:
        return _failed(measure, subject, error.problem)
    return Comparison(
        "moran",
        _QUESTION,
        measure,
        "all",
        "moran",
        subject,
        statistic=found.statistic,
        p_value=found.p_value,
        n_obs=found.n,
        n_groups=n_groups,
        reason=f"expected {found.expected:.4f} where areas are not alike",
    )


def block_weights(blocks: NDArray[Any]) -> sparse.csr_array:
    """Return weights (n, n): each other member of one's block alike, rows adding up to 1."""
    n = len(blocks)
    codes = np.unique(blocks, return_inverse=True)[1]
    member = sparse.csr_array((np.ones(n), (np.arange(n), codes)), shape=(n, int(codes.max()) + 1))
    same = (member @ member.T).tolil()
    same.setdiag(0.0)
    together = same.tocsr()
    others = np.asarray(together.sum(axis=1)).ravel()
    scale = np.divide(1.0, others, out=np.zeros(n), where=others > 0)
    return sparse.csr_array(sparse.diags_array(scale) @ together)


def _failed(measure: str, subject: str, reason: str) -> Comparison:
    return Comparison(
        "moran", _QUESTION, measure, "all", "moran", subject, converged=False, reason=reason
    )
