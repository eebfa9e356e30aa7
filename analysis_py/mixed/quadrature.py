"""Adaptive Gauss-Hermite rules and the safeguarded search for group modes.

A group's integral over a standard normal `v` is written

    log ∫ exp(g(v)) dv / sqrt(2π) ≈ -½ log τ + log Σ_k exp(log_weight_k + g(v̂ + node_k / √τ))

with v̂ the maximum of `g` and τ = -g''(v̂); one node is Laplace's approximation.
Source: Pinheiro and Bates (1995), J. Comput. Graph. Stat. 4(1), section 2.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral

import numpy as np
import numpy.typing as npt

from common_py.errors import CinError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

#: More nodes than this only add rounding error.
MAX_POINTS = 99


def silent_overflow() -> np.errstate:
    """Return a context in which numpy is silent: overflow on the way is judged by its result."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore")


@dataclass(frozen=True)
class Rule:
    """Nodes and log weights of an adaptive rule, both of shape (n_points,)."""

    nodes: FloatArray
    log_weights: FloatArray


def gauss_hermite(n_points: int) -> Rule:
    """Return the rule with `n_points` nodes on the standard normal scale.

    Raises
    ------
    CinError
        If `n_points` is not an integer from 1 to 99.
    """
    if not isinstance(n_points, Integral) or not 1 <= n_points <= MAX_POINTS:
        raise CinError(
            f"n_points must be an integer from 1 to {MAX_POINTS}, not {n_points!r}",
            place="n_points",
            remedy="use 1 for Laplace or 7, the default",
        )
    return _hermite(int(n_points))


@lru_cache(maxsize=32)
def _hermite(n_points: int) -> Rule:
    z, weights = np.polynomial.hermite.hermgauss(n_points)
    rule = Rule(np.sqrt(2.0) * z, np.log(weights) + z**2 - 0.5 * np.log(np.pi))
    rule.nodes.setflags(write=False)
    rule.log_weights.setflags(write=False)
    return rule


def log_sum_exp(terms: FloatArray) -> FloatArray:
    """Return log Σ_k exp(terms) of terms (K, …): scipy's checks cost more than the sum here."""
    top = terms.max(axis=0)
    top = np.where(np.isfinite(top), top, 0.0)
    return np.asarray(top + np.log(np.sum(np.exp(terms - top), axis=0)))


#: Slope and curvature of `g` at `v`; both are (n_groups,), and the curvature is <= -1.
SlopeFunction = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


def find_modes(slope: SlopeFunction, start: FloatArray, max_iter: int = 200) -> FloatArray:
    """Maximise a concave `g` for every group at once.

    Newton's method with a bracket: the prior gives g'' <= -1, so the root of g' lies between
    v and v + g'(v). A step that leaves what is known of the bracket, or that follows one which did
    not halve the slope, is replaced by bisection.

    Parameters
    ----------
    slope
        Gives (g', g'') at `v`.
    start
        Where to begin, shape (n_groups,).

    Returns
    -------
    FloatArray
        Modes, shape (n_groups,); NaN where no mode was found.
    """
    v = start.copy()
    low, high = np.full_like(v, -np.inf), np.full_like(v, np.inf)
    last_step = np.full_like(v, np.inf)
    previous = np.inf
    for _ in range(max_iter):
        first, second = slope(v)
        up, end = first > 0, v + first
        low = np.maximum(low, np.where(up, v, end))
        high = np.minimum(high, np.where(up, end, v))
        proposed = v - first / second
        good = (proposed >= low) & (proposed <= high)
        good &= 2.0 * np.abs(first) <= np.abs(last_step * second)
        proposed = np.where(good, proposed, 0.5 * (low + high))
        last_step = proposed - v
        moved = float(np.max(np.abs(last_step) / (1.0 + np.abs(v)), initial=0.0))
        v = proposed
        if moved < 1e-14 or (moved < 1e-11 and moved >= previous):
            return v
        previous = moved
        if not np.isfinite(moved):
            break
    first, second = slope(v)
    small = np.abs(first) <= 1e-8 * np.abs(second) * (1.0 + np.abs(v))
    return np.where(small, v, np.nan)
