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
class SlopeValues:
    """The same at n points: (n,), (n, p + 3), and of their groups (2, n J) and (3, n J)."""

    value: FloatArray
    gradient: FloatArray
    modes: FloatArray
    curvature: FloatArray


@dataclass(frozen=True)
class _Factor:
    """L = [[a, 0], [b, c]] of every group, each (n J,)."""

    a: FloatArray
    b: FloatArray
    c: FloatArray

    def times(self, v: FloatArray) -> FloatArray:
        """Return L v of vectors (2, …, n J)."""
        out = np.empty(v.shape)
        out[0] = self.a * v[0]
        out[1] = self.b * v[0] + self.c * v[1]
        return out

    def transposed(self, f: FloatArray) -> FloatArray:
        """Return Lᵀ f of vectors (2, …, n J)."""
        out = np.empty(f.shape)
        out[0] = self.a * f[0] + self.b * f[1]
        out[1] = self.c * f[1]
        return out

    def around(self, m: FloatArray) -> FloatArray:
        """Return Lᵀ M L of symmetric matrices (3, …, n J)."""
        first, second = self.a * m[0] + self.b * m[1], self.a * m[1] + self.b * m[2]
        out = np.empty(m.shape)
        out[0] = self.a * first + self.b * second
        out[1] = self.c * second
        out[2] = self.c**2 * m[2]
        return out


def lower(theta: FloatArray) -> FloatArray:
    """Return L (2, 2) from the last three parameters (l11, l21, l22)."""
    a, b, c = theta[-3:]
    return np.array([[a, 0.0], [b, c]])


def _solve(h: FloatArray, right: FloatArray) -> FloatArray:
    """Solve h x = right for symmetric h (3, J) and right (2, …, J)."""
    out = np.empty(right.shape)
    out[0] = h[2] * right[0] - h[1] * right[1]
    out[1] = h[0] * right[1] - h[1] * right[0]
    out /= h[0] * h[2] - h[1] ** 2
    return out


def _bent(third: FloatArray, shift: FloatArray) -> FloatArray:
    """Return the derivatives (3, …, J) of [[m0, m1], [m1, m2]] along shifts (2, …, J) of effects.

    Its entry i + j changes by Σ_k third_(i + j + k) shift_k; `third` is (4, J).
    """
    out = np.empty((3, *shift.shape[1:]))
    for m in range(3):
        out[m] = third[m] * shift[0] + third[m + 1] * shift[1]
    return out


@dataclass(frozen=True)
class _Modes:
    """v (2, J), g there (J,), and the rows' sums at it."""

    v: FloatArray
    joint: FloatArray
    sums: Sums


def _at(state: AtCoefficients, factor: _Factor, v: FloatArray) -> _Modes:
    sums = state.at(factor.times(v))
    return _Modes(v, sums.value - 0.5 * (v[0] ** 2 + v[1] ** 2), sums)


def _curvature(at: _Modes, factor: _Factor) -> FloatArray:
    """Return H (3, J)."""
    h = -factor.around(at.sums.second)
    h[0] += 1.0
    h[2] += 1.0
    return h


def _modes_of(state: AtCoefficients, factor: _Factor, start: FloatArray) -> _Modes:
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
    """C⁻¹ = [[first, 0], [across, second]] of H = C Cᵀ and log|C|, each (J,)."""

    first: FloatArray
    across: FloatArray
    second: FloatArray
    log_size: FloatArray

    @classmethod
    def of(cls, h: FloatArray) -> _Root:
        """Factorise H (3, J), which the prior makes positive definite."""
        top = np.sqrt(h[0])
        left = h[1] / top
        corner = np.sqrt(h[2] - left**2)
        log_size = np.log(top) + np.log(corner)
        return cls(1.0 / top, -left / (top * corner), 1.0 / corner, log_size)

    def back(self, a: FloatArray) -> FloatArray:
        """Return C⁻ᵀ a of vectors (2, …)."""
        return np.stack([self.first * a[0] + self.across * a[1], self.second * a[1]])

    def half(self, dh: FloatArray) -> FloatArray:
        """Return C⁻¹ dH C⁻ᵀ of (3, d, J), its lower triangle with half the diagonal."""
        across = self.across * dh[0] + self.second * dh[1]
        corner = self.across * (across + self.second * dh[1]) + self.second**2 * dh[2]
        out = np.empty(dh.shape)
        out[0] = 0.5 * self.first**2 * dh[0]
        out[1] = self.first * across
        out[2] = 0.5 * corner
        return out


def slope_value(rows: SlopeRows, rule: Rule, theta: FloatArray, start: FloatArray) -> SlopeValue:
    """Return the marginal log-likelihood and its gradient at θ = (β, l11, l21, l22).

    Parameters
    ----------
    rule
        The one-dimensional rule whose product is used.
    start
        Modes to begin from, shape (2, J).
    """
    found = slope_values(rows, rule, theta[None], start)
    return SlopeValue(float(found.value[0]), found.gradient[0], found.modes, found.curvature)


def slope_values(rows: SlopeRows, rule: Rule, thetas: FloatArray, start: FloatArray) -> SlopeValues:
    """Evaluate n points at once, thetas (n, p + 3), from modes (2, n J), point after point."""
    n, n_groups = len(thetas), start.shape[1] // len(thetas)
    factor = _Factor(*np.repeat(thetas[:, -3:].T, n_groups, axis=1))
    state = rows.state(thetas[:, :-3])
    at = _modes_of(state, factor, start)
    if not np.all(np.isfinite(at.v)):
        gone = np.full(thetas.shape, np.nan)
        return SlopeValues(np.full(n, -np.inf), gone, start, np.zeros((3, start.shape[1])))
    placed = _placement(at, factor, thetas.shape[1])
    root = _Root.of(placed.h)
    half = root.half(placed.dh)
    sums = _over_nodes(state, rule, factor, at, dv=placed.dv, half=half, root=root)
    value = rows.constant - _by_point(root.log_size, n)
    value += _by_point(at.joint + np.log(sums.weight), n)
    gradient = _by_point(sums.moved / sums.weight, n) - _by_point(half[0] + half[2], n)
    for there, weight in sums.nodes:
        gradient[:-3] += there.weighted_first(weight / sums.weight)
    gradient[-3:] += _by_point(sums.by_factor / sums.weight, n)
    return SlopeValues(value, gradient.T, at.v, placed.h)


def _by_point(groups: FloatArray, n: int) -> FloatArray:
    """Add (…, n J) over the J groups of each of n points, shape (…, n)."""
    return np.asarray(groups.reshape(*groups.shape[:-1], n, -1).sum(axis=-1))


@dataclass(frozen=True)
class _NodeSums:
    """Sums over the nodes, and each node with its `weight` (n J,).

    Of the weights (n J,), of how L (3, n J) and how the moving of nodes (p + 3, n J) change them.
    """

    weight: FloatArray
    by_factor: FloatArray
    moved: FloatArray
    nodes: list[tuple[Sums, FloatArray]]


def _over_nodes(
    state: AtCoefficients,
    rule: Rule,
    factor: _Factor,
    at: _Modes,
    *,
    dv: FloatArray,
    half: FloatArray,
    root: _Root,
) -> _NodeSums:
    """Sum over the nodes around the modes, which move by `dv`, and C with `half`."""
    v = at.v
    nodes: list[tuple[Sums, FloatArray]] = []
    weight_sum = np.zeros(v.shape[1])
    by_node = np.zeros((3, v.shape[1]))
    moved = np.zeros(dv.shape[1:])
    for i, a in enumerate(rule.nodes):
        for k, b in enumerate(rule.nodes):
            node, there, drift = v, at, dv
            if a or b:
                node = v + root.back(np.array([a, b]))
                there = _at(state, factor, node)
                turned = np.stack([half[0] * a + half[1] * b, half[2] * b])
                drift = dv - root.back(turned)
            log_weight = rule.log_weights[i] + rule.log_weights[k]
            weight = np.exp(there.joint - at.joint + log_weight)
            weight_sum += weight
            nodes.append((there.sums, weight))
            first = there.sums.first
            by_node[0] += weight * (first[0] * node[0])
            by_node[1] += weight * (first[1] * node[0])
            by_node[2] += weight * (first[1] * node[1])
            pull = weight * (factor.transposed(first) - node)
            moved += pull[0] * drift[0] + pull[1] * drift[1]
    return _NodeSums(weight_sum, by_node, moved, nodes)


@dataclass(frozen=True)
class _Placement:
    """H (3, J) at the mode, and the derivatives of v̂ (2, d, J) and H (3, d, J)."""

    h: FloatArray
    dv: FloatArray
    dh: FloatArray


def _placement(at: _Modes, factor: _Factor, d: int) -> _Placement:
    """Return how the modes and H move with θ (d,)."""
    v, first, second, third = at.v, at.sums.first, at.sums.second, at.sums.third
    slope_by = np.empty((2, d, v.shape[1]))
    dh = np.empty((3, d, v.shape[1]))
    second_by_x, third_by_x = at.sums.by_column()
    slope_by[:, :-3] = factor.transposed(second_by_x)
    dh[:, :-3] = -factor.around(third_by_x)
    # M L, of which rows move with the entries of L, and each entry's shift of the effects
    upper = (factor.a * second[0] + factor.b * second[1], factor.c * second[1])
    below = (factor.a * second[1] + factor.b * second[2], factor.c * second[2])
    shift = np.zeros((2, 3, v.shape[1]))
    shift[0, 0], shift[1, 1], shift[1, 2] = v[0], v[0], v[1]
    bent = factor.around(_bent(third, shift))
    for entry, (row, own, size) in enumerate(
        ((upper, first[0], v[0]), (below, first[1], v[0]), (below, first[1], v[1]))
    ):
        is_corner, c = entry == 2, d - 3 + entry
        slope_by[0, c], slope_by[1, c] = row[0] * size, row[1] * size
        slope_by[1 if is_corner else 0, c] += own
        bent[1, entry] += row[0] if is_corner else row[1]
        bent[2 if is_corner else 0, entry] += 2.0 * (row[1] if is_corner else row[0])
    dh[:, -3:] = -bent
    h = _curvature(at, factor)
    dv = _solve(h, slope_by)
    dh -= factor.around(_bent(third, factor.times(dv)))
    return _Placement(h, dv, dh)
