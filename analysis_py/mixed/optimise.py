"""Damped Newton ascent with exact derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from analysis_py.mixed.quadrature import FloatArray

#: Newton decrement (predicted gain in log-likelihood) at which the search may stop:
#: parameters are then within about 1e-7 standard errors, and one more step is taken.
DECREMENT = 1e-14

#: The decrement that is accepted when rounding allows no more.
DECREMENT_AT_ROUNDING = 1e-9

#: A Hessian whose smallest eigenvalue, scaled to a unit diagonal, is below this is singular.
SINGULAR = 1e-12


class HasDerivatives(Protocol):
    """A point with value, gradient (d,) and Hessian (d, d)."""

    @property
    def value(self) -> float:
        """The function."""

    @property
    def gradient(self) -> FloatArray:
        """Its gradient."""

    @property
    def hessian(self) -> FloatArray:
        """Its Hessian."""


PointT = TypeVar("PointT", bound=HasDerivatives)


@dataclass(frozen=True)
class Optimum(Generic[PointT]):
    """Where the search ended: `theta` (d,), the point there, and why it stopped."""

    theta: FloatArray
    point: PointT
    converged: bool
    reason: str
    decrement: float
    n_iter: int


def negative_definite(hessian: FloatArray, least: float = SINGULAR) -> bool:
    """Return whether all eigenvalues of -`hessian`, scaled to a unit diagonal, exceed `least`."""
    diagonal = -np.diag(hessian)
    if not (np.all(np.isfinite(hessian)) and np.all(diagonal > 0)):
        return False
    root = 1.0 / np.sqrt(diagonal)
    low = float(np.linalg.eigvalsh(-hessian * root * root[:, None])[0])
    return low > least


def newton_step(hessian: FloatArray, gradient: FloatArray, damping: float) -> FloatArray:
    """Solve (-H + shift + damping·D) step = gradient with D the size of H's diagonal.

    Where -H is not positive definite its scaled eigenvalues are replaced by their size.
    """
    size = np.abs(np.diag(hessian))
    size = np.maximum(size, 1e-10 * max(float(size.max()), 1e-300))
    root = 1.0 / np.sqrt(size)
    values, vectors = np.linalg.eigh(-hessian * root * root[:, None])
    values = np.maximum(np.abs(values), 1e-8) + damping
    return np.asarray(root * (vectors @ ((vectors.T @ (root * gradient)) / values)))


def maximise(
    function: Callable[[FloatArray, PointT | None], PointT],
    start: FloatArray,
    max_iter: int = 100,
    max_step: FloatArray | None = None,
) -> Optimum[PointT]:
    """Climb from `start` to a point with zero gradient and negative definite Hessian.

    Parameters
    ----------
    function
        Evaluates a point; it is given the last accepted point to start inner searches from.
    start
        Shape (d,).
    max_iter
        Newton steps, rejected ones included.
    max_step
        Largest change of each parameter in a step, shape (d,).

    Returns
    -------
    Optimum
        `converged` is true only with a small gradient (by Newton decrement) *and* a negative
        definite Hessian; otherwise `reason` says which failed.
    """
    theta, damping = start.astype(np.float64).copy(), 0.0
    point = function(theta, None)
    if not _finite(point):
        return Optimum(theta, point, False, "the likelihood is not finite at the start", np.inf, 0)
    decrement, stuck = np.inf, 0
    for iteration in range(1, max_iter + 1):
        undamped = newton_step(point.hessian, point.gradient, 0.0)
        step = newton_step(point.hessian, point.gradient, damping) if damping else undamped
        if max_step is not None:
            step = step * min(1.0, float(np.min(max_step / np.maximum(np.abs(step), 1e-300))))
        decrement = 0.5 * float(point.gradient @ undamped)
        if decrement < DECREMENT or (stuck >= 3 and decrement < DECREMENT_AT_ROUNDING):
            return _finish(theta, point, decrement, iteration, function, step=undamped)
        trial = theta + step
        candidate = function(trial, point)
        noise = 1e-12 * (1.0 + abs(point.value))
        gain = candidate.value - point.value if _finite(candidate) else -np.inf
        predicted = float(point.gradient @ step + 0.5 * step @ point.hessian @ step)
        if gain > 1e-3 * predicted or (gain > -noise and decrement < 1e-6):
            theta, point = trial, candidate
            damping = 0.0 if damping < 1e-3 else 0.1 * damping
            stuck = stuck + 1 if decrement < DECREMENT_AT_ROUNDING else 0
        else:
            damping = max(1e-2, 10.0 * damping)
            if damping > 1e12:
                break
    reason = f"no maximum after {iteration} steps (gradient {_norm(point):.1e})"
    return Optimum(theta, point, False, reason, decrement, iteration)


def _finite(point: HasDerivatives) -> bool:
    return bool(
        np.isfinite(point.value)
        and np.all(np.isfinite(point.gradient))
        and np.all(np.isfinite(point.hessian))
    )


def _norm(point: HasDerivatives) -> float:
    return float(np.max(np.abs(point.gradient)))


def _finish(
    theta: FloatArray,
    point: PointT,
    decrement: float,
    n_iter: int,
    function: Callable[[FloatArray, PointT | None], PointT],
    *,
    step: FloatArray,
) -> Optimum[PointT]:
    if not negative_definite(point.hessian):
        reason = "the Hessian is not negative definite where the gradient is zero"
        return Optimum(theta, point, False, reason, decrement, n_iter)
    if decrement > 1e-24:
        last = function(theta + step, point)
        if _finite(last) and _norm(last) <= _norm(point):
            theta, point = theta + step, last
    return Optimum(theta, point, True, "", decrement, n_iter)
