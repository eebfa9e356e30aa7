"""Cluster-robust (CR2) inference for GLMs whose clusters are the LAs.

The bias-reduced linearisation of Bell and McCaffrey (2002) with Satterthwaite degrees of freedom,
as in Pustejovsky and Tipton (2018) and R's clubSandwich, whose values it reproduces. The GLM
itself is statsmodels'. Its coefficients are population-averaged: not those of a mixed model, though
with a log link and random effects independent of x only the intercept differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ellipj, ellipk

from analysis_py.mixed.base import RandomIntercept
from analysis_py.mixed.design import Design, as_column, as_matrix, make_design
from analysis_py.mixed.inputs import read_counts, read_trials
from analysis_py.mixed.models import BinomialMixed, PoissonMixed
from analysis_py.mixed.quadrature import FloatArray
from analysis_py.mixed.results import quantile, two_sided
from common_py.errors import CinError

#: exp of minus this is smaller than a double resolves.
_TO_ROUNDING = 37.0

#: Relative change of the deviance at which a GLM has converged: rounding allows no less.
_DEVIANCE = 1e-14


@dataclass(frozen=True)
class ClusterRobust:
    """GLM estimates with CR2 standard errors, everything (p,) except `cov` (p, p)."""

    exog_names: tuple[str, ...]
    params: FloatArray
    bse: FloatArray
    df: FloatArray
    cov: FloatArray
    n_groups: int
    nobs: int
    converged: bool
    reason: str

    @property
    def pvalues(self) -> FloatArray:
        """Two-sided p-values on t with the Satterthwaite degrees of freedom."""
        return np.array(
            [float(two_sided(t, df)) for t, df in zip(self.params / self.bse, self.df, strict=True)]
        )

    def conf_int(self, alpha: float = 0.05) -> FloatArray:
        """Intervals (p, 2) on t with the Satterthwaite degrees of freedom."""
        half = self.bse * np.array([quantile(alpha, df) for df in self.df])
        return np.column_stack([self.params - half, self.params + half])


def cluster_robust_poisson(
    endog: npt.ArrayLike,
    exog: npt.ArrayLike,
    groups: npt.ArrayLike,
    exposure: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
    *,
    exog_names: Sequence[str] | None = None,
) -> ClusterRobust:
    """Fit a Poisson GLM with CR2 standard errors by group; inputs as `PoissonMixed`."""
    data = read_counts(endog, exog, groups, exposure, offset, exog_names=exog_names)
    design, x = data.design, data.design.x.T
    start, reason = _start(PoissonMixed.of(data, 1), data.failure)
    if reason:
        return _failed(design.names, design.n_groups, len(x), reason)
    from statsmodels.genmod import families  # noqa: PLC0415 (slow to import)
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    model = GLM(data.y, x, family=families.Poisson(), offset=design.offset)
    fit = model.fit(start_params=start, tol=1e-12, rtol=_DEVIANCE)
    mean = np.asarray(fit.mu)
    work = _Working(mean[:, None] * x, 1.0 / mean, data.y - mean, design.group_of)
    return _robust(design, np.asarray(fit.params), work, bool(fit.converged))


def cluster_robust_binomial(
    successes: npt.ArrayLike,
    exog: npt.ArrayLike,
    groups: npt.ArrayLike,
    trials: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
    *,
    exog_names: Sequence[str] | None = None,
) -> ClusterRobust:
    """Fit a binomial GLM with CR2 standard errors by group; inputs as `BinomialMixed`."""
    data = read_trials(successes, exog, groups, trials, offset, exog_names=exog_names)
    design, x = data.design, data.design.x.T
    start, reason = _start(BinomialMixed.of(data, 1), data.failure)
    if reason:
        return _failed(design.names, design.n_groups, len(x), reason)
    from statsmodels.genmod import families  # noqa: PLC0415 (slow to import)
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    both = np.column_stack([data.y, data.trials - data.y])
    model = GLM(both, x, family=families.Binomial(), offset=design.offset)
    fit = model.fit(start_params=start, tol=1e-12, rtol=_DEVIANCE)
    share = np.asarray(fit.mu)
    slope = share * (1.0 - share)
    rest = data.y / data.trials - share
    work = _Working(slope[:, None] * x, data.trials / slope, rest, design.group_of)
    return _robust(design, np.asarray(fit.params), work, bool(fit.converged))


def cluster_robust_linear(
    endog: npt.ArrayLike,
    exog: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    exog_names: Sequence[str] | None = None,
) -> ClusterRobust:
    """Fit ordinary least squares with CR2 standard errors by group; shapes (n,), (n, p), (n,).

    Raises
    ------
    CinError
        As for the other models: values are missing, or columns cannot be told apart.
    """
    y = as_column(endog, "endog")
    matrix, names = as_matrix(exog, exog_names, len(y))
    design = make_design(matrix, names, groups, np.zeros(len(y)), np.ones(len(y), dtype=bool))
    if design.n_groups < 2:
        reason = "one group: there is nothing to compare"
        return _failed(names, design.n_groups, len(y), reason)
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 (slow to import)

    x = design.x.T
    fit = OLS(y[design.row_index], x).fit()
    work = _Working(x, np.ones(len(y)), np.asarray(fit.resid), design.group_of)
    return _robust(design, np.asarray(fit.params), work, True)


def _start(model: RandomIntercept, failure: str) -> tuple[FloatArray | None, str]:
    """Return scaled coefficients (p,) for statsmodels to start from, and why there is no fit."""
    if failure:
        return None, failure
    glm, reason = model.glm()
    return glm.beta if glm.converged else None, reason


def _failed(names: tuple[str, ...], n_groups: int, n_rows: int, reason: str) -> ClusterRobust:
    gone = np.full(len(names), np.nan)
    cov = np.full((len(names), len(names)), np.nan)
    return ClusterRobust(names, gone, gone, gone, cov, n_groups, n_rows, False, reason)


@dataclass(frozen=True)
class _Working:
    """Rows in group order on the scale of the response.

    d mean / d params (n, p), weights 1 / variance, residuals and groups, each (n,).
    """

    x: FloatArray
    weight: FloatArray
    rest: FloatArray
    codes: npt.NDArray[np.intp]


def _robust(design: Design, beta: FloatArray, work: _Working, converged: bool) -> ClusterRobust:
    """Return CR2 by group, of the user's coefficients; `beta` (p,) and `work` are scaled.

    For a group the adjustment is A = D (D (Θ - X M X') D)^(-1/2) D with Θ = 1/weight, D = √Θ and
    M = (X'WX)⁻¹; a Moore-Penrose root where the inner matrix is singular.
    """
    x, weight, rest = work.x, work.weight, work.rest
    names, p, n = design.names, len(beta), len(x)
    starts = np.flatnonzero(np.concatenate(([True], np.diff(work.codes) > 0)))
    n_groups = len(starts)
    if not converged or not np.all(weight > 0):
        return _failed(names, n_groups, n, "the GLM did not converge")
    bread = np.asarray(np.linalg.inv((x.T * weight) @ x), dtype=np.float64)
    scores, spread = np.empty((n_groups, p)), np.empty((n_groups, p))
    pulls = np.empty((n_groups, p, p))
    for j, rows in enumerate(np.split(np.arange(n), starts[1:])):
        adjusted = _adjusted(x[rows], weight[rows], bread)
        turned = adjusted @ bread @ design.to_params.T  # s_j of every coefficient, as columns
        scores[j] = rest[rows] @ turned
        spread[j] = np.sum(turned**2 / weight[rows][:, None], axis=0)
        pulls[j] = x[rows].T @ turned
    cov = scores.T @ scores
    if not np.all(np.isfinite(cov)):
        raise CinError("CR2 is not finite", place="groups", remedy="look for empty clusters")
    df = np.array([_satterthwaite(spread[:, c], pulls[:, :, c], bread) for c in range(p)])
    errors, params = np.sqrt(np.diag(cov)), design.to_user(beta)
    return ClusterRobust(names, params, errors, df, cov, n_groups, n, True, "")


def _adjusted(x: FloatArray, weight: FloatArray, bread: FloatArray) -> FloatArray:
    """Return A' W X of one group (n_j, p)."""
    root = weight**-0.5
    factor = root[:, None] * (x @ np.linalg.cholesky(bread))
    target = (root * weight)[:, None] * x
    whitened = factor / (root**2)[:, None]
    room = 1.0 - float(np.linalg.eigvalsh(whitened.T @ whitened)[-1])
    low, high = float(np.min(root) ** 4) * room, float(np.max(root) ** 4)
    if room < 1e-6 or high > 1e12 * low:
        solved = _root_dense(root**4, factor, target)
    else:
        solved = _root_low_rank(root**4, factor, target, low, high=high)
    return np.asarray(root[:, None] * solved)


def _root_dense(diagonal: FloatArray, factor: FloatArray, target: FloatArray) -> FloatArray:
    """Return B^(-1/2) target, B = diag - factor factor', by eigenvalues (Moore-Penrose)."""
    values, vectors = np.linalg.eigh(np.diag(diagonal) - factor @ factor.T)
    kept = values > 1e-12 * values[-1]
    power = np.where(kept, np.where(kept, values, 1.0) ** -0.5, 0.0)
    return np.asarray(vectors @ (power[:, None] * (vectors.T @ target)))


def _root_low_rank(
    diagonal: FloatArray, factor: FloatArray, target: FloatArray, low: float, *, high: float
) -> FloatArray:
    """Return B^(-1/2) target in O(n p²) for a spectrum of B inside [low, high].

    The inverse root is a sum of shifted inverses, and each shifted inverse of diagonal minus low
    rank is Woodbury's. With N of them the error is of the order of exp(-2π² N / (log(high / low)
    + 3)) (Hale, Higham and Trefethen 2008, method 3): as many as bring it below rounding.
    """
    n_nodes = int(np.ceil(_TO_ROUNDING * (np.log(high / low) + 3.0) / (2.0 * np.pi**2)))
    quarter = float(ellipk(1.0 - low / high))
    sn, cn, dn, _ = ellipj((np.arange(n_nodes) + 0.5) * quarter / n_nodes, 1.0 - low / high)
    coefficient = 2.0 * quarter * np.sqrt(low) / (np.pi * n_nodes) * dn / cn**2
    inverse = 1.0 / (diagonal + (low * (sn / cn) ** 2)[:, None])  # (nodes, n)
    n, p = factor.shape
    products = (factor[:, :, None] * factor[:, None, :]).reshape(n, p * p)
    across = (factor[:, :, None] * target[:, None, :]).reshape(n, -1)
    core = np.eye(p) - (inverse @ products).reshape(n_nodes, p, p)
    inner = np.linalg.solve(core, (inverse @ across).reshape(n_nodes, p, -1))
    inner *= coefficient[:, None, None]
    spread = (inverse.T @ inner.reshape(n_nodes, -1)).reshape(n, p, -1)
    straight = (coefficient @ inverse)[:, None] * target
    return np.asarray(straight + np.einsum("np,npq->nq", factor, spread))


def _satterthwaite(spread: FloatArray, pulls: FloatArray, bread: FloatArray) -> float:
    """Return (tr P)² / tr P² for P = diag(spread) - pulls bread pulls'."""
    p_matrix = np.diag(spread) - pulls @ bread @ pulls.T
    return float(np.trace(p_matrix) ** 2 / np.sum(p_matrix**2))
