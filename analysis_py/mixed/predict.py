"""Predicted means with delta-method intervals, for a typical group or over all groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from analysis_py.mixed.design import as_column, check_finite, check_not_negative
from analysis_py.mixed.quadrature import FloatArray
from analysis_py.mixed.results import MixedResults, quantile
from common_py.errors import CinError

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
_SD_NAMES = frozenset({"group_sd", "subgroup_sd", "row_sd"})


@dataclass(frozen=True)
class Prediction:
    """Means with standard errors and intervals, all (m,).

    Intervals are symmetric on the link scale, so that they stay inside the mean's range.
    """

    mean: FloatArray
    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray


def predict(
    results: MixedResults,
    exog: npt.ArrayLike,
    exposure: npt.ArrayLike | None = None,
    *,
    kind: str = "marginal",
    alpha: float = 0.05,
) -> Prediction:
    """Predict the mean count (or share) at covariates `exog`.

    Parameters
    ----------
    results
        A fitted model.
    exog
        Covariates (m, p) on the scale of the fit.
    exposure
        Denominators (m,) of count models, 0 or more; 1 if None. A share has none.
    kind
        `"marginal"`: the mean over the distribution of the random effects (for counts
        exp(xβ + s²/2); for shares by quadrature). `"typical"`: a group whose effect is 0.
    alpha
        1 - confidence level.

    Raises
    ------
    CinError
        If `kind` is unknown, shapes differ, an exposure is negative or given for a share, or
        the model has random slopes and the marginal mean was asked for.
    """
    if kind not in {"marginal", "typical"}:
        raise CinError(f"unknown kind {kind!r}", place="kind", remedy="use 'marginal' or 'typical'")
    x = np.atleast_2d(np.asarray(exog, dtype=np.float64))
    p = len(results.params)
    if x.ndim != 2 or x.shape[1] != p:
        raise CinError(
            f"shape {x.shape} for {p} coefficients",
            place="exog",
            remedy="give the columns of the fit: " + ", ".join(results.exog_names),
        )
    check_finite(x, "exog")
    if not results.converged:
        gone = np.full(len(x), np.nan)
        return Prediction(gone, gone, gone, gone)
    if results.family.startswith("binomial"):
        if exposure is not None:
            raise CinError(
                "a share has no exposure", place="exposure", remedy="multiply the share by it"
            )
        return _shares(results, x, kind, alpha)
    size = np.ones(len(x)) if exposure is None else as_column(exposure, "exposure", len(x))
    check_not_negative(size, "exposure")
    return _counts(results, x, size, kind, alpha=alpha)


def _spread(results: MixedResults, kind: str) -> FloatArray:
    """Return the standard deviations to average over, 0 where a parameter is none, (q,)."""
    if kind == "typical":
        return np.zeros(len(results.variance_params))
    if len(results.group_slopes):
        raise CinError(
            "the marginal mean of a random-slope model depends on the slope's column",
            place="kind",
            remedy="use kind='typical'",
        )
    is_sd = np.array([name in _SD_NAMES for name in results.variance_names])
    return np.where(is_sd, results.variance_params, 0.0)


def _variance(results: MixedResults, gradient: FloatArray) -> FloatArray:
    """Return gradient' cov gradient by row; parameters at a boundary are held there."""
    cov = np.where(np.isnan(results.cov_full), 0.0, results.cov_full)
    return np.asarray(np.einsum("ma,ab,mb->m", gradient, cov, gradient))


def _counts(
    results: MixedResults, x: FloatArray, size: FloatArray, kind: str, *, alpha: float
) -> Prediction:
    sds = _spread(results, kind)
    log_mean = x @ results.params + 0.5 * float(sds @ sds)
    gradient = np.hstack([x, np.broadcast_to(sds, (len(x), len(sds)))])
    error = np.sqrt(_variance(results, gradient))
    half = quantile(alpha) * error
    mean = size * np.exp(log_mean)
    return Prediction(mean, mean * error, mean * np.exp(-half), mean * np.exp(half))


def _shares(results: MixedResults, x: FloatArray, kind: str, alpha: float) -> Prediction:
    sds = _spread(results, kind)
    weights = _WEIGHTS / _WEIGHTS.sum()
    share = expit((x @ results.params)[:, None] + sds[0] * _NODES)
    slope = share * (1.0 - share)
    mean = share @ weights
    by_sd = np.zeros((len(x), len(sds)))
    by_sd[:, 0] = slope @ (weights * _NODES) if kind == "marginal" else 0.0
    gradient = np.hstack([(slope @ weights)[:, None] * x, by_sd])
    error = np.sqrt(_variance(results, gradient))
    room = mean * (1.0 - mean)
    # A mean that is 0 or 1 to the last digit has no room for an interval either.
    half = quantile(alpha) * np.divide(error, room, out=np.zeros_like(error), where=room > 0)
    centre = logit(mean)
    return Prediction(mean, error, expit(centre - half), expit(centre + half))
