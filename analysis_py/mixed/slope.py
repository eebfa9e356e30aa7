"""A random intercept and a random slope a group: two-dimensional adaptive quadrature.

With u_j = L v_j, v ~ N(0, I), L lower triangular, and H = -g''(v̂) = C Cᵀ, the group integral is

    -½ log|H| + log Σ_k weight_k exp(g(v̂ + C⁻ᵀ a_k)),   a_k a product grid.

The gradient differentiates v̂ and C as well, so that it is exact for every number of points
(1 is Laplace). Sources: as for `quadrature`; the derivative of a Cholesky factor, Murray (2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis_py.mixed.quadrature import FloatArray, Rule
from analysis_py.mixed.slope_sums import AtCoefficients, SlopeRows, Sums

_EYE = np.eye(2)


@dataclass(frozen=True)
class SlopeValue:
    """Log-likelihood, gradient (p + 3,), modes v̂ (J, 2) and H there (J, 2, 2)."""

    value: float
    gradient: FloatArray
    modes: FloatArray
    curvature: FloatArray


def lower(theta: FloatArray) -> FloatArray:
    """Return L (2, 2) from the last three parameters (l11, l21, l22)."""
    return np.array([[theta[-3], 0.0], [theta[-2], theta[-1]]])


def _hankel(moments: FloatArray) -> FloatArray:
    """Return [[m0, m1], [m1, m2]] from moments (…, 3)."""
    return np.stack([moments[..., 0:2], moments[..., 1:3]], axis=-2)


def _solve(h: FloatArray, right: FloatArray) -> FloatArray:
    """Solve h x = right for symmetric h (J, 2, 2) and right (…, J, 2)."""
    a, b, c = h[:, 0, 0], h[:, 0, 1], h[:, 1, 1]
    first, second = right[..., 0], right[..., 1]
    both = np.stack([c * first - b * second, a * second - b * first], axis=-1)
    return np.asarray(both / (a * c - b * b)[:, None])


@dataclass(frozen=True)
class _Modes:
    """v (J, 2), g there (J,), and the rows' sums at it."""

    v: FloatArray
    joint: FloatArray
    sums: Sums


def _at(state: AtCoefficients, factor: FloatArray, v: FloatArray) -> _Modes:
    sums = state.at(v @ factor.T)
    return _Modes(v, sums.value - 0.5 * np.sum(v**2, axis=1), sums)


def slope_modes(state: AtCoefficients, factor: FloatArray, start: FloatArray) -> _Modes:
    """Maximise g over v (J, 2) by Newton's method with halved steps where g would fall."""
    at = _at(state, factor, start)
    for _ in range(100):
        slope = at.sums.first @ factor - at.v
        h = _EYE - factor.T @ _hankel(at.sums.second) @ factor
        step = _solve(h, slope)
        decrement = np.sum(step * slope, axis=1)
        if not np.all(np.isfinite(decrement)):
            return _at(state, factor, np.full_like(start, np.nan))
        size = np.ones(len(start))
        for _ in range(60):
            new = _at(state, factor, at.v + size[:, None] * step)
            slack = 1e-11 * (1.0 + np.abs(at.joint))
            worse = ~(new.joint >= at.joint + 1e-4 * size * decrement - slack)
            if not worse.any():
                break
            size = np.where(worse, 0.5 * size, size)
        at = new
        if float(np.max(decrement)) < 1e-20:
            break
    return at


def slope_value(rows: SlopeRows, rule: Rule, theta: FloatArray, start: FloatArray) -> SlopeValue:
    """Return the marginal log-likelihood and its gradient at θ = (β, l11, l21, l22).

    Parameters
    ----------
    rule
        The one-dimensional rule whose product is used.
    start
        Modes to begin from, shape (J, 2).
    """
    factor, state = lower(theta), rows.state(theta[:-3])
    at = slope_modes(state, factor, start)
    v = at.v
    if not np.all(np.isfinite(v)):
        return SlopeValue(-np.inf, np.full(len(theta), np.nan), start, np.zeros((len(v), 2, 2)))
    h, dv, dh = _placement(at, factor, len(theta))
    chol = np.linalg.cholesky(h)
    inverse = np.linalg.inv(chol)
    turned = inverse @ dh @ np.swapaxes(inverse, -1, -2)
    half = np.tril(turned, -1) + 0.5 * turned * _EYE
    value = rows.constant - float(np.sum(np.log(np.diagonal(chol, axis1=1, axis2=2))))
    gradient = -0.5 * np.trace(turned, axis1=-2, axis2=-1).sum(axis=1)

    nodes: list[tuple[Sums, FloatArray]] = []
    weight_sum = np.zeros(len(v))
    by_node = np.zeros((3, len(v)))
    moved = np.zeros((len(theta), len(v)))
    back = np.swapaxes(inverse, -1, -2)
    for i, a in enumerate(rule.nodes):
        for k, b in enumerate(rule.nodes):
            grid = np.array([a, b])
            node = v + back @ grid
            there = _at(state, factor, node) if grid.any() else at
            log_weight = rule.log_weights[i] + rule.log_weights[k]
            weight = np.exp(there.joint - at.joint + log_weight)
            weight_sum += weight
            nodes.append((there.sums, weight))
            sums = there.sums.first
            by_node += weight * np.stack(
                [sums[:, 0] * node[:, 0], sums[:, 1] * node[:, 0], sums[:, 1] * node[:, 1]]
            )
            drift = dv - (back @ np.swapaxes(half, -1, -2)) @ grid
            moved += weight * np.sum((sums @ factor - node) * drift, axis=-1)
    value += float(np.sum(at.joint + np.log(weight_sum)))
    gradient += (moved / weight_sum).sum(axis=1)
    for sums_there, weight in nodes:
        gradient[:-3] += sums_there.weighted_first(weight / weight_sum)
    gradient[-3:] += (by_node / weight_sum).sum(axis=1)
    return SlopeValue(value, gradient, v, h)


def _placement(at: _Modes, factor: FloatArray, d: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return H (J, 2, 2) at the mode, and the derivatives of v̂ (d, J, 2) and H (d, J, 2, 2)."""
    v, f1, third = at.v, at.sums.first, at.sums.third
    f2 = _hankel(at.sums.second)
    h = _EYE - factor.T @ f2 @ factor
    cubic = np.stack([_hankel(third[:, 0:3]), _hankel(third[:, 1:4])], axis=-1)  # (J, 2, 2, 2)
    slope_by = np.empty((d, len(v), 2))
    dh = np.empty((d, len(v), 2, 2))
    second_by_x, third_by_x = at.sums.by_column()
    slope_by[:-3] = second_by_x @ factor
    dh[:-3] = -factor.T @ _hankel(third_by_x) @ factor
    for c, (row, col) in enumerate(((0, 0), (1, 0), (1, 1)), start=d - 3):
        unit = np.zeros((2, 2))
        unit[row, col] = 1.0
        shift = v @ unit.T
        slope_by[c] = f1 @ unit + (f2 @ shift[..., None])[..., 0] @ factor
        bent = (cubic @ shift[:, None, :, None])[..., 0]
        dh[c] = -(unit.T @ f2 @ factor + factor.T @ f2 @ unit + factor.T @ bent @ factor)
    dv = _solve(h, slope_by)
    bent = np.einsum("jabc,djc->djab", cubic, dv @ factor.T)
    return h, dv, np.asarray(dh - factor.T @ bent @ factor)
