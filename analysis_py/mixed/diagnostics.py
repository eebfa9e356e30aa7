"""Moran's I of effects or residuals, and false discovery rates within a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analysis_py.mixed.design import as_column
from analysis_py.mixed.quadrature import FloatArray
from analysis_py.tails import above
from common_py.errors import CinError


@dataclass(frozen=True)
class Moran:
    """Moran's I, its moments under randomisation, and two-sided p-values.

    `p_permutation` is NaN when no permutations were asked for.
    """

    statistic: float
    expected: float
    variance: float
    z: float
    p_value: float
    p_permutation: float
    n: int


def neighbour_weights(coordinates: npt.ArrayLike, n_neighbours: int) -> sparse.csr_array:
    """Return row-standardised weights (n, n) of the nearest neighbours of points (n, 2).

    Raises
    ------
    CinError
        If there are not more points than neighbours.
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415 (a fifth of a second to import)

    points = np.asarray(coordinates, dtype=np.float64)
    n = len(points)
    if not 1 <= n_neighbours < n:
        raise CinError(
            f"{n_neighbours} neighbours among {n} points",
            place="n_neighbours",
            remedy="use at least 1, and fewer than there are points",
        )
    near = cKDTree(points).query(points, n_neighbours + 1)[1]
    mine = np.arange(n)[:, None]
    # A point is its own nearest, unless another lies on the same spot.
    order = np.argsort(near == mine, axis=1, kind="stable")
    others = np.take_along_axis(near, order, axis=1)[:, :n_neighbours]
    rows = np.repeat(np.arange(n), n_neighbours)
    values = np.full(rows.size, 1.0 / n_neighbours)
    return sparse.csr_array((values, (rows, others.ravel())), shape=(n, n))


def morans_i(
    values: npt.ArrayLike,
    weights: npt.ArrayLike | sparse.sparray,
    *,
    permutations: int = 0,
    seed: int = 0,
) -> Moran:
    """Return Moran's I of `values` (n,) under spatial `weights` (n, n), dense or sparse.

    Moments are those under randomisation (Cliff and Ord 1981, p. 21).

    Raises
    ------
    CinError
        If shapes differ, the values do not vary, n < 4, or no weight is positive.
    """
    column = as_column(values, "values")
    w = sparse.csr_array(weights)
    n = len(column)
    if w.shape != (n, n) or n < 4:
        raise CinError(
            f"weights of shape {w.shape} for {n} values (4 or more are needed)",
            place="weights",
            remedy="give one row and one column of weights a value",
        )
    total = float(w.sum())
    z = column - column.mean()
    square = float(z @ z)
    if not total > 0 or square <= 1e-20 * n * max(float(np.max(np.abs(column))) ** 2, 1e-300):
        raise CinError(
            "nothing to correlate: the values do not vary, or no pair has a weight",
            place="values",
            remedy="check the effects and the neighbour list",
        )
    scale = n / (total * square)
    statistic = scale * float(z @ (w @ z))
    expected = -1.0 / (n - 1)
    variance = _moran_variance(w, z, n, total)
    score = (statistic - expected) / np.sqrt(variance)
    p_permutation = float("nan")
    if permutations:
        rng = np.random.default_rng(seed)
        draws = np.array([_draw(rng, w, z) for _ in range(permutations)]) * scale
        beyond = np.count_nonzero(np.abs(draws - expected) >= abs(statistic - expected))
        p_permutation = (1 + int(beyond)) / (1 + permutations)
    p_value = float(2.0 * above(abs(score)))
    return Moran(statistic, expected, variance, float(score), p_value, p_permutation, n)


def _draw(rng: np.random.Generator, w: sparse.csr_array, z: FloatArray) -> float:
    mixed = rng.permutation(z)
    return float(mixed @ (w @ mixed))


def _moran_variance(w: sparse.csr_array, z: FloatArray, n: int, s0: float) -> float:
    both = (w + w.T).tocsr()
    s1 = 0.5 * float(np.sum(both.data**2))
    margins = np.asarray(w.sum(axis=0)).ravel() + np.asarray(w.sum(axis=1)).ravel()
    s2 = float(margins @ margins)
    kurtosis = n * float(np.sum(z**4)) / float(z @ z) ** 2
    first = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    second = kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    return float((first - second) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - 1.0 / (n - 1) ** 2)


def benjamini_hochberg(p_values: npt.ArrayLike) -> FloatArray:
    """Return adjusted p-values (n,), NaN where the input is NaN (a fit that failed).

    The least p n / rank from each rank up (Benjamini and Hochberg 1995), at most 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    out = np.full(p.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known])]
    scaled = p[order] / (np.arange(1, len(order) + 1) / len(order))
    out[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return out
