"""Ascent with exact gradients, and Hessians from central differences of them.

The sensitivity models (random slope, NB2, three levels) are fitted a few times, not hundreds: their
gradients are exact, and the observed information is the gradient differenced at ±1/1000 of a
standard error, which is good to about 1e-7 relative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.optimize

from analysis_py.mixed.optimise import negative_definite
from analysis_py.mixed.quadrature import FloatArray

Objective = Callable[[FloatArray], tuple[float, FloatArray]]

#: Gradients (n, d) at n points (n, d) near each other.
Gradients = Callable[[FloatArray], FloatArray]

#: Largest gradient, in log-likelihood a standard error, at a maximum.
GRADIENT = 1e-5
_DIFFERENCE = 1e-3
_WALL = 1e300


@dataclass(frozen=True)
class SmoothOptimum:
    """Where the search ended: `theta` (d,), log-likelihood, Hessian (d, d) and why it stopped."""

    theta: FloatArray
    value: float
    hessian: FloatArray
    converged: bool
    reason: str
    n_iter: int


class _Falling:
    """Minus the objective on scaled parameters z (d,): θ = start + root z."""

    def __init__(
        self,
        objective: Objective,
        start: FloatArray,
        root: FloatArray,
        gradients: Gradients | None,
    ) -> None:
        self._objective, self._start, self._root = objective, start, root
        self._gradients = gradients

    def theta(self, z: FloatArray) -> FloatArray:
        """Return the parameters (d,) at z (d,)."""
        return np.asarray(self._start + self._root @ z)

    def __call__(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Return the value and gradient at z (d,)."""
        value, gradient = self._objective(self.theta(z))
        if not (np.isfinite(value) and np.all(np.isfinite(gradient))):
            return _WALL, np.zeros_like(z)
        return -value, -(self._root.T @ gradient)

    def gradients(self, points: FloatArray) -> FloatArray:
        """Return the gradients (n, d) at points (n, d) near each other."""
        if self._gradients is None:
            return np.stack([self(z)[1] for z in points])
        found = -(self._gradients(np.stack([self.theta(z) for z in points])) @ self._root)
        return np.where(np.all(np.isfinite(found), axis=1, keepdims=True), found, 0.0)


def climb(
    objective: Objective,
    start: FloatArray,
    covariance: FloatArray,
    gradients: Gradients | None = None,
) -> SmoothOptimum:
    """Maximise `objective` (value and gradient) from `start` (d,).

    Parameters
    ----------
    covariance
        A positive definite guess of the estimates' covariance (d, d): it sets the scale.
    gradients
        Its gradients at several points at once, where that is faster than one by one.
    """
    root = scipy.linalg.cholesky(covariance, lower=True)
    falling = _Falling(objective, start, root, gradients)
    if falling(np.zeros(len(start)))[0] >= _WALL:
        hessian = np.full((len(start), len(start)), np.nan)
        reason = "the likelihood is not finite at the start"
        return SmoothOptimum(start, -np.inf, hessian, False, reason, 0)
    found = scipy.optimize.minimize(
        falling,
        np.zeros(len(start)),
        jac=True,
        method="BFGS",
        options={"gtol": 1e-5, "maxiter": 300},
    )
    z = np.asarray(found.x)
    value, gradient = falling(z)
    hessian = np.full((len(z), len(z)), np.nan)
    for _ in range(5):
        hessian = _difference(falling, z)
        if not negative_definite(-hessian):
            break
        z, value, gradient = _chord(falling, z, value, gradient, hessian=hessian)
        if np.max(np.abs(gradient)) < GRADIENT:
            break
    flat = bool(np.max(np.abs(gradient)) < GRADIENT)
    curved = negative_definite(-hessian)
    inverse = np.linalg.inv(root)
    reason = "" if flat else f"no maximum (gradient {np.max(np.abs(gradient)):.1e})"
    if flat and not curved:
        reason = "the Hessian is not negative definite where the gradient is zero"
    return SmoothOptimum(
        theta=falling.theta(z),
        value=-value,
        hessian=-(inverse.T @ hessian @ inverse),
        converged=flat and curved,
        reason=reason,
        n_iter=int(found.nit),
    )


def _difference(falling: _Falling, z: FloatArray) -> FloatArray:
    """Return the Hessian of `falling` at z (d,) by central differences of its gradient."""
    steps = _DIFFERENCE * np.repeat(np.eye(len(z)), 2, axis=0)
    steps[1::2] *= -1.0
    found = falling.gradients(z + steps)
    full = (found[::2] - found[1::2]) / (2.0 * _DIFFERENCE)
    return np.asarray(0.5 * (full + full.T))


def _chord(
    falling: _Falling, z: FloatArray, value: float, gradient: FloatArray, *, hessian: FloatArray
) -> tuple[FloatArray, float, FloatArray]:
    """Take Newton steps with one Hessian while they make the gradient smaller."""
    for _ in range(8):
        if np.max(np.abs(gradient)) < 1e-2 * GRADIENT:
            break
        step = -np.linalg.solve(hessian, gradient)
        step *= min(1.0, 3.0 / max(float(np.max(np.abs(step))), 1e-300))
        new_value, new_gradient = falling(z + step)
        better = np.max(np.abs(new_gradient)) < np.max(np.abs(gradient))
        if new_value >= _WALL or not (better or new_value < value - 1e-9 * (1 + abs(value))):
            break
        z, value, gradient = z + step, new_value, new_gradient
    return z, value, gradient
