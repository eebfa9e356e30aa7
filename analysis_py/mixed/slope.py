"""A random intercept and a random slope a group: two-dimensional adaptive quadrature.

With u_j = L v_j, v ~ N(0, I), L lower triangular, and H = -g''(v̂) = C Cᵀ, the group integral is

    -½ log|H| + log Σ_k weight_k exp(g(v̂ + C⁻ᵀ a_k)),   a_k a product grid.

The gradient differentiates v̂ and C as well, so that it is exact for every number of points
(1 is Laplace). Sources: as for `quadrature`; the derivative of a Cholesky factor, Murray (2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis_py.mixed.design import Design
from analysis_py.mixed.quadrature import FloatArray, Rule
from analysis_py.mixed.rows import RowFamily

_EYE = np.eye(2)


@dataclass(frozen=True)
class SlopeProblem:
    """Rows in group order, with the covariate `z` (n,) that has the random slope."""

    design: Design
    family: RowFamily
    z: FloatArray

    def predictor(self, eta: FloatArray, b: FloatArray) -> FloatArray:
        """Return eta + b_0 + b_1 z for group effects b (J, 2)."""
        group_of = self.design.group_of
        return np.asarray(eta + b[group_of, 0] + b[group_of, 1] * self.z)

    def moments(self, rows: FloatArray, top: int) -> FloatArray:
        """Return Σ rows z^a for a = 0 … top, shape (J, top + 1)."""
        out, weighted = [], rows
        for _ in range(top + 1):
            out.append(self.design.sums(weighted))
            weighted = weighted * self.z
        return np.stack(out, axis=-1)


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


@dataclass(frozen=True)
class _Modes:
    """v (J, 2), g there (J,), and the rows' first three derivatives (n,) at it."""

    v: FloatArray
    joint: FloatArray
    first: FloatArray
    second: FloatArray
    third: FloatArray


def _at(problem: SlopeProblem, eta: FloatArray, factor: FloatArray, v: FloatArray) -> _Modes:
    value, *rest = problem.family.with_derivatives(problem.predictor(eta, v @ factor.T))
    return _Modes(v, _joint(problem, value, v), *rest)


def _joint(problem: SlopeProblem, value: FloatArray, v: FloatArray) -> FloatArray:
    return np.asarray(problem.design.sums(value) - 0.5 * np.sum(v**2, axis=1))


def slope_modes(
    problem: SlopeProblem, eta: FloatArray, factor: FloatArray, start: FloatArray
) -> _Modes:
    """Maximise g over v (J, 2) by Newton's method with halved steps where g would fall."""
    at = _at(problem, eta, factor, start)
    for _ in range(100):
        slope = problem.moments(at.first, 1) @ factor - at.v
        h = _EYE - factor.T @ _hankel(problem.moments(at.second, 2)) @ factor
        step = np.linalg.solve(h, slope[..., None])[..., 0]
        decrement = np.sum(step * slope, axis=1)
        if not np.all(np.isfinite(decrement)):
            return _at(problem, eta, factor, np.full_like(start, np.nan))
        size = np.ones(len(start))
        for _ in range(60):
            new = _at(problem, eta, factor, at.v + size[:, None] * step)
            slack = 1e-11 * (1.0 + np.abs(at.joint))
            worse = ~(new.joint >= at.joint + 1e-4 * size * decrement - slack)
            if not worse.any():
                break
            size = np.where(worse, 0.5 * size, size)
        at = new
        if float(np.max(decrement)) < 1e-20:
            break
    return at


def slope_value(
    problem: SlopeProblem, rule: Rule, theta: FloatArray, start: FloatArray
) -> SlopeValue:
    """Return the marginal log-likelihood and its gradient at θ = (β, l11, l21, l22).

    Parameters
    ----------
    rule
        The one-dimensional rule whose product is used.
    start
        Modes to begin from, shape (J, 2).
    """
    design, factor = problem.design, lower(theta)
    eta = theta[:-3] @ design.x + design.offset
    at = slope_modes(problem, eta, factor, start)
    v = at.v
    if not np.all(np.isfinite(v)):
        return SlopeValue(-np.inf, np.full(len(theta), np.nan), start, np.zeros((len(v), 2, 2)))
    h, dv, dh = _placement(problem, at, factor, len(theta))
    chol = np.linalg.cholesky(h)
    inverse = np.linalg.inv(chol)
    turned = inverse @ dh @ np.swapaxes(inverse, -1, -2)
    half = np.tril(turned, -1) + 0.5 * turned * _EYE
    value = problem.family.constant - float(np.sum(np.log(np.diagonal(chol, axis1=1, axis2=2))))
    gradient = -0.5 * np.trace(turned, axis1=-2, axis2=-1).sum(axis=1)

    weight_sum = np.zeros(len(v))
    by_node = np.zeros((3, len(v)))
    moved = np.zeros((len(theta), len(v)))
    row_first = np.zeros(design.n_rows)
    back = np.swapaxes(inverse, -1, -2)
    for i, a in enumerate(rule.nodes):
        for k, b in enumerate(rule.nodes):
            grid = np.array([a, b])
            node = v + back @ grid
            joint, first = at.joint, at.first
            if grid.any():
                rows, first = problem.family.value_first(problem.predictor(eta, node @ factor.T))
                joint = _joint(problem, rows, node)
            weight = np.exp(joint - at.joint + rule.log_weights[i] + rule.log_weights[k])
            weight_sum += weight
            row_first += weight[design.group_of] * first
            sums = problem.moments(first, 1)
            by_node += weight * np.stack(
                [sums[:, 0] * node[:, 0], sums[:, 1] * node[:, 0], sums[:, 1] * node[:, 1]]
            )
            drift = dv - (back @ np.swapaxes(half, -1, -2)) @ grid
            moved += weight * np.sum((sums @ factor - node) * drift, axis=-1)
    value += float(np.sum(at.joint + np.log(weight_sum)))
    gradient += (moved / weight_sum).sum(axis=1)
    gradient[:-3] += design.x @ (row_first / weight_sum[design.group_of])
    gradient[-3:] += (by_node / weight_sum).sum(axis=1)
    return SlopeValue(value, gradient, v, h)


def _placement(
    problem: SlopeProblem, at: _Modes, factor: FloatArray, d: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return H (J, 2, 2) at the mode, and the derivatives of v̂ (d, J, 2) and H (d, J, 2, 2)."""
    design, v, second, third = problem.design, at.v, at.second, at.third
    f1, m2, m3 = (problem.moments(r, t) for r, t in ((at.first, 1), (second, 2), (third, 3)))
    f2 = _hankel(m2)
    h = _EYE - factor.T @ f2 @ factor
    cubic = np.stack([_hankel(m3[:, 0:3]), _hankel(m3[:, 1:4])], axis=-1)  # (J, 2, 2, 2)
    slope_by = np.empty((d, len(v), 2))
    dh = np.empty((d, len(v), 2, 2))
    for c, column in enumerate(design.x):
        slope_by[c] = problem.moments(second * column, 1) @ factor
        dh[c] = -factor.T @ _hankel(problem.moments(third * column, 2)) @ factor
    for c, (row, col) in enumerate(((0, 0), (1, 0), (1, 1)), start=d - 3):
        unit = np.zeros((2, 2))
        unit[row, col] = 1.0
        shift = np.einsum("ab,jb->ja", unit, v)
        slope_by[c] = f1 @ unit + np.einsum("jab,jb->ja", f2, shift) @ factor
        bent = np.einsum("jabc,jc->jab", cubic, shift)
        dh[c] = -(unit.T @ f2 @ factor + factor.T @ f2 @ unit + factor.T @ bent @ factor)
    dv: FloatArray = np.asarray(np.linalg.solve(h, slope_by[..., None])[..., 0])
    bent = np.einsum("jabc,djc->djab", cubic, dv @ factor.T)
    return h, dv, np.asarray(dh - factor.T @ bent @ factor)
