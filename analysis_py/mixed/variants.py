"""What the sensitivity models share: a start from the plain model, a climb, and a result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis_py.mixed.base import RandomIntercept
from analysis_py.mixed.design import Design
from analysis_py.mixed.quadrature import FloatArray
from analysis_py.mixed.results import MixedResults


@dataclass(frozen=True)
class PlainStart:
    """The random-intercept fit on the scaled columns: θ = (β, s) and its covariance."""

    results: MixedResults
    theta: FloatArray
    covariance: FloatArray

    @property
    def sd(self) -> float:
        """A standard deviation to start from, away from zero."""
        return max(float(self.theta[-1]), 0.05)

    @property
    def modes(self) -> FloatArray:
        """Standardised group modes (J,) to start from."""
        if self.results.boundary:
            return np.zeros(self.results.n_groups)
        return self.results.group_effects / self.results.group_sd

    def extended(self, extra: FloatArray) -> FloatArray:
        """Return the covariance with `extra` (q,) standard errors appended, (d + q, d + q)."""
        d = len(self.covariance)
        full = np.zeros((d + len(extra), d + len(extra)))
        full[:d, :d] = self.covariance
        full[range(d, d + len(extra)), range(d, d + len(extra))] = extra**2
        return full


def plain_start(model: RandomIntercept, design: Design) -> PlainStart:
    """Fit the plain model and express it on the scaled columns."""
    results = model.fit()
    if not results.converged:
        return PlainStart(results, np.zeros(0), np.zeros((0, 0)))
    inverse = np.linalg.inv(design.jacobian(1))
    full = results.cov_full.copy()
    if results.boundary:
        full[-1, :], full[:, -1], full[-1, -1] = 0.0, 0.0, 0.05**2
    scaled = inverse @ full @ inverse.T
    theta = np.append(design.from_user(results.params), results.group_sd)
    return PlainStart(results, theta, 0.5 * (scaled + scaled.T))


def delta(
    function_jacobian: FloatArray, hessian: FloatArray, design: Design, n_extra: int
) -> FloatArray:
    """Return the covariance of (params, transformed extras).

    Parameters
    ----------
    function_jacobian
        d(reported)/d(internal) of the extra parameters, shape (q, n_extra).
    hessian
        Of the log-likelihood in the internal parameters, shape (p + n_extra, p + n_extra).
    """
    p, q = design.n_coefs, len(function_jacobian)
    jacobian = np.zeros((p + q, p + n_extra))
    jacobian[:p, :p] = design.to_params
    jacobian[p:, p:] = function_jacobian
    full = jacobian @ np.linalg.inv(-hessian) @ jacobian.T
    return np.asarray(0.5 * (full + full.T))
