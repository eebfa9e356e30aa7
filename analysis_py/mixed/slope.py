"""A random intercept and a random slope a group: two-dimensional adaptive quadrature.

With u_j = L v_j, v ~ N(0, I), L lower triangular, and H = -g''(v̂) = C Cᵀ, the group integral is

    -½ log|H| + log Σ_k weight_k exp(g(v̂ + C⁻ᵀ a_k)),   a_k a product grid.

The gradient differentiates v̂ and C as well, so that it is exact for every number of points
(1 is Laplace). Sources: as for `quadrature`; the derivative of a Cholesky factor, Murray (2016).

Two-by-two matrices are written out by component, groups last: a vector is (2, …, J), a symmetric
matrix its entries 00, 01, 11 as (3, …, J).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis_py.mixed.quadrature import FloatArray, Rule
from analysis_py.mixed.slope_sums import AtCoefficients, SlopeRows, Sums

#: Newton decrement before a step after which the step leaves less than 1e-20: it converges
#: quadratically.
_LAST_STEP = 1e-12


@dataclass(frozen=True)
class SlopeValue:
    """Log-likelihood, gradient (p + 3,), modes v̂ (2, J) and H there (3, J)."""

    value: float
    gradient: FloatArray
    modes: FloatArray
    curvature: FloatArray


@dataclass(frozen=True)
class Factor:
    """L = [[a, 0], [b, c]]."""

    a: float
    b: float
    c: float

    @classmethod
    def of(cls, theta: FloatArray) -> Factor:
        """Read the last three parameters."""
        return cls(*map(float, theta[-3:]))

    @property
    def matrix(self) -> FloatArray:
        """L (2, 2)."""
        return np.array([[self.a, 0.0], [self.b, self.c]])

    def times(self, v: FloatArray) -> FloatArray:
        """Return L v of vectors (2, …, J)."""
        return np.stack([self.a * v[0], self.b * v[0] + self.c * v[1]])

    def transposed(self, f: FloatArray) -> FloatArray:
        """Return Lᵀ f of vectors (2, …, J)."""
        return np.stack([self.a * f[0] + self.b * f[1], self.c * f[1]])

    def around(self, m: FloatArray) -> FloatArray:
        """Return Lᵀ M L of symmetric matrices (3, …, J)."""
        first, second = self.a * m[0] + self.b * m[1], self.a * m[1] + self.b * m[2]
        return np.stack([self.a * first + self.b * second, self.c * second, self.c**2 * m[2]])


def lower(theta: FloatArray) -> FloatArray:
    """Return L (2, 2) from the last three parameters (l11, l21, l22)."""
    return Factor.of(theta).matrix


def _solve(h: FloatArray, right: FloatArray) -> FloatArray:
    """Solve h x = right for symmetric h (3, J) and right (2, …, J)."""
    determinant = h[0] * h[2] - h[1] ** 2
    both = [h[2] * right[0] - h[1] * right[1], h[0] * right[1] - h[1] * right[0]]
    return np.asarray(np.stack(both) / determinant)


def _bent(third: FloatArray, shift: FloatArray) -> FloatArray:
    """Return the derivatives (3, …, J) of [[m0, m1], [m1, m2]] along shifts (2, …, J) of effects.

    Its entry i + j changes by Σ_k third_(i + j + k) shift_k; `third` is (4, J).
    """
    return np.stack([third[m] * shift[0] + third[m + 1] * shift[1] for m in range(3)])


@dataclass(frozen=True)
class _Modes:
    """v (2, J), g there (J,), and the rows' sums at it."""

    v: FloatArray
    joint: FloatArray
    sums: Sums


def _at(state: AtCoefficients, factor: Factor, v: FloatArray) -> _Modes:
    sums = state.at(factor.times(v))
    return _Modes(v, sums.value - 0.5 * (v[0] ** 2 + v[1] ** 2), sums)


def _curvature(at: _Modes, factor: Factor) -> FloatArray:
    """Return H (3, J)."""
    h = -factor.around(at.sums.second)
    h[0] += 1.0
    h[2] += 1.0
    return h


def slope_modes(state: AtCoefficients, factor: Factor, start: FloatArray) -> _Modes:
    """Maximise g over v (2, J) by Newton's method with halved steps where g would fall."""
    at = _at(state, factor, start)
    for _ in range(100):
        slope = factor.transposed(at.sums.first) - at.v
        step = _solve(_curvature(at, factor), slope)
        decrement = step[0] * slope[0] + step[1] * slope[1]
        if not np.all(np.isfinite(decrement)):
            return _at(state, factor, np.full_like(start, np.nan))
        size = np.ones(start.shape[1])
        for _ in range(60):
            new = _at(state, factor, at.v + size * step)
            slack = 1e-11 * (1.0 + np.abs(at.joint))
            worse = ~(new.joint >= at.joint + 1e-4 * size * decrement - slack)
            if not worse.any():
                break
            size = np.where(worse, 0.5 * size, size)
        at = new
        if float(np.max(decrement)) < _LAST_STEP:
            break
    return at


@dataclass(frozen=True)
class _Root:
    """C⁻¹ = [[first, 0], [across, second]] of H = C Cᵀ, each (J,), and log|C| summed."""

    first: FloatArray
    across: FloatArray
    second: FloatArray
    log_size: float

    @classmethod
    def of(cls, h: FloatArray) -> _Root:
        """Factorise H (3, J), which the prior makes positive definite."""
        top = np.sqrt(h[0])
        left = h[1] / top
        corner = np.sqrt(h[2] - left**2)
        log_size = float(np.sum(np.log(top) + np.log(corner)))
        return cls(1.0 / top, -left / (top * corner), 1.0 / corner, log_size)

    def back(self, a: FloatArray) -> FloatArray:
        """Return C⁻ᵀ a of vectors (2, …)."""
        return np.stack([self.first * a[0] + self.across * a[1], self.second * a[1]])

    def half(self, dh: FloatArray) -> FloatArray:
        """Return C⁻¹ dH C⁻ᵀ of (3, d, J), its lower triangle with half the diagonal."""
        across = self.across * dh[0] + self.second * dh[1]
        corner = self.across * (across + self.second * dh[1]) + self.second**2 * dh[2]
        return np.stack([0.5 * self.first**2 * dh[0], self.first * across, 0.5 * corner])


def slope_value(rows: SlopeRows, rule: Rule, theta: FloatArray, start: FloatArray) -> SlopeValue:
    """Return the marginal log-likelihood and its gradient at θ = (β, l11, l21, l22).

    Parameters
    ----------
    rule
        The one-dimensional rule whose product is used.
    start
        Modes to begin from, shape (2, J).
    """
    factor, state = Factor.of(theta), rows.state(theta[:-3])
    at = slope_modes(state, factor, start)
    v = at.v
    if not np.all(np.isfinite(v)):
        nowhere = np.zeros((3, v.shape[1]))
        return SlopeValue(-np.inf, np.full(len(theta), np.nan), start, nowhere)
    h, dv, dh = _placement(at, factor, len(theta))
    root = _Root.of(h)
    half = root.half(dh)
    gradient = -np.sum(half[0] + half[2], axis=-1)

    nodes: list[tuple[Sums, FloatArray]] = []
    weight_sum = np.zeros(v.shape[1])
    by_node = np.zeros((3, v.shape[1]))
    moved = np.zeros((len(theta), v.shape[1]))
    for i, a in enumerate(rule.nodes):
        for k, b in enumerate(rule.nodes):
            node = v + root.back(np.array([a, b])) if a or b else v
            there = _at(state, factor, node) if a or b else at
            log_weight = rule.log_weights[i] + rule.log_weights[k]
            weight = np.exp(there.joint - at.joint + log_weight)
            weight_sum += weight
            nodes.append((there.sums, weight))
            first = there.sums.first
            by_node += weight * np.stack(
                [first[0] * node[0], first[1] * node[0], first[1] * node[1]]
            )
            pull = weight * (factor.transposed(first) - node)
            turned = np.stack([half[0] * a + half[1] * b, half[2] * b])
            drift = dv - root.back(turned)
            moved += pull[0] * drift[0] + pull[1] * drift[1]
    value = rows.constant - root.log_size
    value += float(np.sum(at.joint + np.log(weight_sum)))
    gradient += (moved / weight_sum).sum(axis=1)
    for sums_there, weight in nodes:
        gradient[:-3] += sums_there.weighted_first(weight / weight_sum)
    gradient[-3:] += (by_node / weight_sum).sum(axis=1)
    return SlopeValue(value, gradient, v, h)


def _placement(at: _Modes, factor: Factor, d: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return H (3, J) at the mode, and the derivatives of v̂ (2, d, J) and H (3, d, J)."""
    v, first, second, third = at.v, at.sums.first, at.sums.second, at.sums.third
    slope_by = np.empty((2, d, v.shape[1]))
    dh = np.empty((3, d, v.shape[1]))
    second_by_x, third_by_x = at.sums.by_column()
    slope_by[:, :-3] = factor.transposed(second_by_x)
    dh[:, :-3] = -factor.around(third_by_x)
    nothing = np.zeros_like(v[0])
    # M L, of which rows move with the entries of L
    upper = (factor.a * second[0] + factor.b * second[1], factor.c * second[1])
    below = (factor.a * second[1] + factor.b * second[2], factor.c * second[2])
    for c, (row, own, size) in enumerate(
        ((upper, first[0], v[0]), (below, first[1], v[0]), (below, first[1], v[1])), start=d - 3
    ):
        is_corner = c == d - 1
        shift = np.stack([size, nothing] if c == d - 3 else [nothing, size])
        slope_by[:, c] = row[0] * size, row[1] * size
        slope_by[1 if is_corner else 0, c] += own
        bent = factor.around(_bent(third, shift))
        bent[1] += row[0] if is_corner else row[1]
        bent[2 if is_corner else 0] += 2.0 * (row[1] if is_corner else row[0])
        dh[:, c] = -bent
    h = _curvature(at, factor)
    dv = _solve(h, slope_by)
    dh -= factor.around(_bent(third, factor.times(dv)))
    return h, dv, dh
