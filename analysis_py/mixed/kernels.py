"""Sums over the rows of a group that the marginal likelihood and its derivatives need.

Both families work on the linear predictor `eta + u`. With l⁽ᵐ⁾ the m-th derivative of a row's
log density, a kernel gives for every group (and node)

    L_m = Σ l⁽ᵐ⁾            A_m = Σ l⁽ᵐ⁾ x            and   Σ c l⁽ᵐ⁾ x xᵀ over all rows.

Poisson rows collapse: e^u factors out, so that the rows are read once however many nodes there are,
and where columns are `lines` within cells of rows, once or twice a fit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from scipy.special import expit, gammaln

from analysis_py.mixed.design import Design
from analysis_py.mixed.lines import Lines, model_lines
from analysis_py.mixed.quadrature import FloatArray


@dataclass(frozen=True)
class ModeSums:
    """Derivatives 1–4 at one value of u a group: `total` (4, J) and `by_x` (4, p, J)."""

    total: FloatArray
    by_x: FloatArray


@dataclass(frozen=True)
class NodeSums:
    """Derivatives 0–2 at K values of u a group: `total` (3, K, J), `by_x` (2, K, p, J) of 1–2."""

    total: FloatArray
    by_x: FloatArray


class State(Protocol):
    """A family at given coefficients."""

    def slope(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return L_1 and L_2 at u (J,)."""

    def at_modes(self, u: FloatArray) -> ModeSums:
        """Return derivatives 1–4 at u (J,)."""

    def at_nodes(self, u: FloatArray) -> NodeSums:
        """Return derivatives 0–2 at u (K, J)."""

    def values(self, u: FloatArray) -> FloatArray:
        """Return L_0 at u (K, J), shape (K, J)."""

    def cross(
        self, u: FloatArray, node_weight: FloatArray, mode: FloatArray, mode_weight: FloatArray
    ) -> FloatArray:
        """Return Σ x xᵀ [Σ_k node_weight l''(u_k) + Σ_m mode_weight_m l⁽ᵐ⁾(mode)], m = 3, 4.

        Shapes: u and node_weight (K, J), mode (J,), mode_weight (2, J); the result is (p, p).
        """


class Kernel(Protocol):
    """A family with its data."""

    @property
    def design(self) -> Design:
        """The rows."""

    def state(self, beta: FloatArray) -> State:
        """Return the sums at scaled coefficients `beta` (p,)."""

    def without(self, group: int) -> Kernel:
        """Leave out the rows of one group."""


def weighted_gram(x: FloatArray, weights: FloatArray) -> FloatArray:
    """Return x diag(weights) xᵀ for x (p, n), exactly symmetric."""
    gram = (x * weights) @ x.T
    return np.asarray(0.5 * (gram + gram.T))


def log_factorial(y: FloatArray) -> FloatArray:
    """Return log y! of counts (n,): looked up where they are whole and not far apart."""
    top = float(y.max(initial=0.0))
    if top < 10 * len(y) + 1000:
        whole = y.astype(np.intp)
        if np.array_equal(whole, y):
            return np.asarray(gammaln(np.arange(top + 1.0) + 1.0)[whole])
    return np.asarray(gammaln(y + 1.0))


@dataclass(frozen=True)
class PoissonKernel:
    """Poisson counts with log link: `y` (n,) in group order, whole numbers or not."""

    design: Design
    y: FloatArray
    events: FloatArray = field(init=False)
    events_by_x: FloatArray = field(init=False)
    constant: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "events", self.design.sums(self.y))
        by_x = [self.design.sums(column * self.y) for column in self.design.x]
        put(self, "events_by_x", np.stack(by_x))
        fixed = self.y * self.design.offset - log_factorial(self.y)
        put(self, "constant", self.design.sums(fixed))

    def without(self, group: int) -> PoissonKernel:
        """Leave out the rows of one group."""
        return PoissonKernel(self.design.without(group), self.y[self.design.group_of != group])

    def state(self, beta: FloatArray) -> PoissonSums:
        """Read the rows once at `beta` (p,)."""
        eta = beta @ self.design.x
        eta += self.design.offset
        with np.errstate(over="ignore"):
            mu = np.exp(eta)
        by_x = np.empty((self.design.n_coefs, self.design.n_groups))
        for c, column in enumerate(self.design.x):
            by_x[c] = self.design.sums(column * mu)
        return PoissonState(
            total=self.design.sums(mu),
            by_x=by_x,
            events=self.events,
            events_by_x=self.events_by_x,
            fixed=self.constant + beta @ self.events_by_x,
            design=self.design,
            mu=mu,
        )


@dataclass(frozen=True)
class PoissonSums:
    """Expected counts at u = 0, summed by group: `total` (J,) and `by_x` (p, J).

    So are the events' sums, and `fixed` (J,) is what L_0 holds at u = 0 besides -`total`.
    """

    total: FloatArray
    by_x: FloatArray
    events: FloatArray
    events_by_x: FloatArray
    fixed: FloatArray

    def slope(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return L_1 and L_2 at u (J,)."""
        with np.errstate(over="ignore"):
            expected = self.total * np.exp(u)
        return self.events - expected, -expected

    def at_modes(self, u: FloatArray) -> ModeSums:
        """Return derivatives 1–4 at u (J,)."""
        by_effect = np.exp(u)
        total = np.repeat(-(self.total * by_effect)[None], 4, axis=0)
        by_x = np.repeat(-(self.by_x * by_effect)[None], 4, axis=0)
        total[0] += self.events
        by_x[0] += self.events_by_x
        return ModeSums(total, by_x)

    def values(self, u: FloatArray) -> FloatArray:
        """Return L_0 at u (K, J)."""
        with np.errstate(over="ignore"):
            return np.asarray(self.fixed + self.events * u - self.total * np.exp(u))

    def at_nodes(self, u: FloatArray) -> NodeSums:
        """Return derivatives 0–2 at u (K, J)."""
        by_effect = np.exp(u)
        expected = self.total * by_effect
        total = np.stack([self.values(u), self.events - expected, -expected])
        second = -(by_effect[:, None, :] * self.by_x[None])
        return NodeSums(total, np.stack([second + self.events_by_x, second]))

    def cross(
        self, u: FloatArray, node_weight: FloatArray, mode: FloatArray, mode_weight: FloatArray
    ) -> FloatArray:
        """Return the weighted sum of x xᵀ; all derivatives above the first are -mu e^u."""
        return -self.gram(growth(u, node_weight, mode, mode_weight))

    def gram(self, by_group: FloatArray) -> FloatArray:
        """Return Σ mu x xᵀ, weighted by group (J,), shape (p, p)."""
        raise NotImplementedError


@dataclass(frozen=True)
class PoissonState(PoissonSums):
    """The sums, and the expected counts `mu` (n,) that they are of."""

    design: Design
    mu: FloatArray

    def gram(self, by_group: FloatArray) -> FloatArray:
        """Return Σ mu x xᵀ over the rows."""
        return weighted_gram(self.design.x, self.mu * by_group[self.design.group_of])


def poisson_kernel(design: Design, y: FloatArray) -> PoissonKernel:
    """Return the kernel of counts y (n,): without their rows, where their columns allow it."""
    lines = model_lines(design)
    return PoissonKernel(design, y) if lines is None else PoissonLinesKernel(design, y, lines)


@dataclass(frozen=True)
class PoissonLinesKernel(PoissonKernel):
    """The same where every column is a line within cells of rows (`lines`)."""

    lines: Lines

    def state(self, beta: FloatArray) -> PoissonSums:
        """Sum the cells at `beta` (p,)."""
        lines, groups = self.lines, self.lines.cells.groups
        with np.errstate(over="ignore"):
            expected = lines.expected(lines.level @ beta, lines.slope @ beta, 2)
        return _LinesState(
            total=groups(expected[0]),
            by_x=groups(lines.level.T * expected[0] + lines.slope.T * expected[1]),
            events=self.events,
            events_by_x=self.events_by_x,
            fixed=self.constant + beta @ self.events_by_x,
            lines=lines,
            expected=expected,
        )


@dataclass(frozen=True)
class _LinesState(PoissonSums):
    """The sums, and Σ mu z^a of every cell, a = 0 … 2: `expected` (3, C)."""

    lines: Lines
    expected: FloatArray

    def gram(self, by_group: FloatArray) -> FloatArray:
        """Return Σ mu x xᵀ over the cells: x is level + slope z in each."""
        level, slope = self.lines.level, self.lines.slope
        zero, one, two = self.expected * by_group[self.lines.cells.group_of]
        across = level.T @ (one[:, None] * slope)
        gram = level.T @ (zero[:, None] * level) + across + across.T
        gram += slope.T @ (two[:, None] * slope)
        return np.asarray(0.5 * (gram + gram.T))


def growth(
    u: FloatArray, node_weight: FloatArray, mode: FloatArray, mode_weight: FloatArray
) -> FloatArray:
    """Return Σ_k node_weight e^(u_k) + Σ_m mode_weight_m e^mode, (J,); shapes as for `cross`."""
    by_group = np.sum(node_weight * np.exp(u), axis=0)
    return np.asarray(by_group + np.sum(mode_weight, axis=0) * np.exp(mode))


@dataclass(frozen=True)
class BinomialKernel:
    """Successes `y` (n,) of `trials` (n,) with logit link, in group order."""

    design: Design
    y: FloatArray
    trials: FloatArray
    constant: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        fixed = gammaln(self.trials + 1.0) - gammaln(self.y + 1.0)
        fixed -= gammaln(self.trials - self.y + 1.0)
        object.__setattr__(self, "constant", self.design.sums(fixed))

    def without(self, group: int) -> BinomialKernel:
        """Leave out the rows of one group."""
        kept = self.design.group_of != group
        return BinomialKernel(self.design.without(group), self.y[kept], self.trials[kept])

    def state(self, beta: FloatArray) -> BinomialState:
        """Return the linear predictor at `beta` (p,)."""
        return BinomialState(self, beta @ self.design.x + self.design.offset)


@dataclass(frozen=True)
class BinomialState:
    """Linear predictor `eta` (n,) at u = 0."""

    kernel: BinomialKernel
    eta: FloatArray

    def _rows(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        shifted = self.eta + u[self.kernel.design.group_of]
        return shifted, expit(shifted)

    def slope(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return L_1 and L_2 at u (J,)."""
        _, share = self._rows(u)
        expected = self.kernel.trials * share
        sums = self.kernel.design.sums
        return sums(self.kernel.y - expected), -sums(expected * (1.0 - share))

    def at_modes(self, u: FloatArray) -> ModeSums:
        """Return derivatives 1–4 at u (J,)."""
        _, share = self._rows(u)
        rows = self._derivatives(share)
        design = self.kernel.design
        by_x = np.stack([[design.sums(row * column) for column in design.x] for row in rows])
        return ModeSums(np.stack([design.sums(row) for row in rows]), by_x)

    def _derivatives(self, share: FloatArray) -> list[FloatArray]:
        variance = self.kernel.trials * share * (1.0 - share)
        tilt = 1.0 - 2.0 * share
        fourth = -variance * (1.0 - 6.0 * share * (1.0 - share))
        return [self.kernel.y - self.kernel.trials * share, -variance, -variance * tilt, fourth]

    def _log_density(self, shifted: FloatArray) -> FloatArray:
        soft = np.logaddexp(0.0, shifted)
        return np.asarray(self.kernel.y * shifted - self.kernel.trials * soft)

    def values(self, u: FloatArray) -> FloatArray:
        """Return L_0 at u (K, J)."""
        sums, group_of = self.kernel.design.sums, self.kernel.design.group_of
        rows = [sums(self._log_density(self.eta + one[group_of])) for one in u]
        return np.stack(rows) + self.kernel.constant

    def at_nodes(self, u: FloatArray) -> NodeSums:
        """Return derivatives 0–2 at u (K, J)."""
        design = self.kernel.design
        total = np.empty((3, len(u), design.n_groups))
        by_x = np.empty((2, len(u), design.n_coefs, design.n_groups))
        for k, one in enumerate(u):
            shifted, share = self._rows(one)
            expected = self.kernel.trials * share
            first, second = self.kernel.y - expected, -expected * (1.0 - share)
            total[0, k] = design.sums(self._log_density(shifted))
            total[1, k] = design.sums(first)
            total[2, k] = design.sums(second)
            for c, column in enumerate(design.x):
                by_x[0, k, c] = design.sums(first * column)
                by_x[1, k, c] = design.sums(second * column)
        total[0] += self.kernel.constant
        return NodeSums(total, by_x)

    def cross(
        self, u: FloatArray, node_weight: FloatArray, mode: FloatArray, mode_weight: FloatArray
    ) -> FloatArray:
        """Return the weighted sum of x xᵀ over rows, nodes and the mode."""
        design = self.kernel.design
        _, share = self._rows(mode)
        _, _, third, fourth = self._derivatives(share)
        weights = third * mode_weight[0][design.group_of]
        weights += fourth * mode_weight[1][design.group_of]
        for one, weight in zip(u, node_weight, strict=True):
            _, share = self._rows(one)
            weights -= self.kernel.trials * share * (1.0 - share) * weight[design.group_of]
        return weighted_gram(design.x, weights)
