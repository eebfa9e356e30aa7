"""Tails and quantiles of the normal, t, chi-square and binomial distributions.

They are those of `scipy.stats` to the last bit: the same functions of `scipy.special`, without
the half second that importing `scipy.stats` takes in every process, and without its checks,
which cost more than the number.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]


def above(z: npt.ArrayLike, df: float | None = None) -> FloatArray:
    """Return P(Z > z) of a standard normal, or of t with `df` degrees of freedom."""
    away = -np.asarray(z, dtype=np.float64)
    return np.asarray(special.ndtr(away) if df is None else special.stdtr(df, away))


def quantile_above(share: float, df: float | None = None) -> float:
    """Return what a standard normal, or t with `df` degrees of freedom, exceeds with `share`."""
    return -float(special.ndtri(share) if df is None else special.stdtrit(df, share))


def quantile_below(share: float) -> float:
    """Return what a standard normal stays below with probability `share`."""
    return float(special.ndtri(share))


def chi_square_above(statistic: float, df: float) -> float:
    """Return P(X > statistic) of chi-square with `df` degrees of freedom."""
    return float(special.chdtrc(df, statistic))


def chi_square_limits(alpha: float, below: float, beyond: float) -> tuple[float, float]:
    """Return what chi-square falls below, and exceeds, with probability `alpha` / 2.

    Parameters
    ----------
    below, beyond
        Degrees of freedom of the lower and of the upper limit; the lower one of 0 is 0.
    """
    low = 2.0 * float(special.gammaincinv(below / 2.0, alpha / 2.0)) if below else 0.0
    return low, float(special.chdtri(beyond, alpha / 2.0))


def binomial_limits(share: float, n: int, chance: float) -> tuple[int, int]:
    """Return the two ends of the middle `share` of how many of `n` happen, each by `chance`."""
    reached = special.bdtr(np.arange(n + 1), n, chance)
    low, high = np.searchsorted(reached, [(1 - share) / 2, (1 + share) / 2])
    return int(low), int(high)
