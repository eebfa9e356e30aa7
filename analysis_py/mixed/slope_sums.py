"""Sums over the rows of a group that a random intercept and slope need, at given effects.

With l⁽ᵐ⁾ the m-th derivative of a row's log density at eta + b_0 + b_1 z, they are Σ l⁽ᵐ⁾ z^a and
Σ l⁽ᵐ⁾ z^a x. Of any family they are sums over rows. Poisson rows whose columns are lines in z
within cells of every group, as context and cross-level columns are, collapse: see `lines`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from analysis_py.mixed.design import Design
from analysis_py.mixed.lines import Lines, find_cells, find_lines, moments
from analysis_py.mixed.quadrature import FloatArray
from analysis_py.mixed.rows import PoissonRows, RowFamily


class Sums(Protocol):
    """The sums at n values of the coefficients and effects: groups are n J, value after value."""

    @property
    def value(self) -> FloatArray:
        """Σ log density without its constant, (n J,)."""

    @property
    def first(self) -> FloatArray:
        """Σ l' z^a, a = 0, 1: (2, n J)."""

    @property
    def second(self) -> FloatArray:
        """Σ l'' z^a, a = 0 … 2: (3, n J)."""

    @property
    def third(self) -> FloatArray:
        """Σ l''' z^a, a = 0 … 3: (4, n J)."""

    def by_column(self) -> tuple[FloatArray, FloatArray]:
        """Return Σ l'' z^a x, a = 0, 1 (2, p, n J) and Σ l''' z^a x, a = 0 … 2 (3, p, n J)."""

    def weighted_first(self, weight: FloatArray) -> FloatArray:
        """Return Σ_j weight_j Σ l' x for weights (n J,), shape (p, n)."""


class AtCoefficients(Protocol):
    """The rows at n values of the coefficients."""

    def at(self, b: FloatArray) -> Sums:
        """Return the sums at group effects b (2, n J)."""


class SlopeRows(Protocol):
    """Rows in group order, with the covariate that has the random slope."""

    @property
    def design(self) -> Design:
        """The rows' fixed part."""

    @property
    def constant(self) -> float:
        """What the log-likelihood holds besides `value`."""

    @property
    def n_summed(self) -> int:
        """How many numbers a sum is of."""

    def state(self, beta: FloatArray) -> AtCoefficients:
        """Return the rows at scaled coefficients beta (n, p)."""


def slope_rows(design: Design, family: RowFamily, z: FloatArray) -> SlopeRows:
    """Return the rows with random slopes on z (n,), collapsed where they can be."""
    if isinstance(family, PoissonRows):
        cells = find_cells(design)
        lines = None if cells is None else find_lines(design, cells, z)
        if lines is not None:
            return PoissonLines(design, family, lines)
    return EveryRow(design, family, z)


@dataclass(frozen=True)
class EveryRow:
    """Rows of any family, summed one by one."""

    design: Design
    family: RowFamily
    z: FloatArray

    @property
    def constant(self) -> float:
        """What the log-likelihood holds besides `value`."""
        return self.family.constant

    @property
    def n_summed(self) -> int:
        """How many numbers a sum is of."""
        return self.design.n_rows

    def state(self, beta: FloatArray) -> _RowsAtCoefficients:
        """Return the linear predictors at beta (n, p)."""
        return _RowsAtCoefficients(self, beta @ self.design.x + self.design.offset)


@dataclass(frozen=True)
class _RowsAtCoefficients:
    rows: EveryRow
    eta: FloatArray

    def at(self, b: FloatArray) -> _RowSums:
        group_of, z = self.rows.design.group_of, self.rows.z
        own = b.reshape(2, len(self.eta), -1)[:, :, group_of]
        return _RowSums(self.rows, self.eta + own[0] + own[1] * z)


@dataclass(frozen=True)
class _RowSums:
    """Sums at linear predictors (n, rows), each made when it is first asked for."""

    rows: EveryRow
    predictor: FloatArray

    @cached_property
    def _value_first(self) -> tuple[FloatArray, FloatArray]:
        return self.rows.family.value_first(self.predictor)

    @cached_property
    def _higher(self) -> tuple[FloatArray, FloatArray]:
        _, _, second, third = self.rows.family.with_derivatives(self.predictor)
        return second, third

    def _sums(self, rows: FloatArray, top: int) -> FloatArray:
        return moments(self.rows.design, rows, self.rows.z, top).reshape(top + 1, -1)

    @cached_property
    def value(self) -> FloatArray:
        return self.rows.design.sums(self._value_first[0]).ravel()

    @cached_property
    def first(self) -> FloatArray:
        return self._sums(self._value_first[1], 1)

    @cached_property
    def second(self) -> FloatArray:
        return self._sums(self._higher[0], 2)

    @cached_property
    def third(self) -> FloatArray:
        return self._sums(self._higher[1], 3)

    def by_column(self) -> tuple[FloatArray, FloatArray]:
        second, third = self._higher
        columns = self.rows.design.x
        return (
            np.stack([self._sums(second * column, 1) for column in columns], axis=1),
            np.stack([self._sums(third * column, 2) for column in columns], axis=1),
        )

    def weighted_first(self, weight: FloatArray) -> FloatArray:
        design, first = self.rows.design, self._value_first[1]
        by_row = weight.reshape(len(first), -1)[:, design.group_of]
        return np.asarray(design.x @ (first * by_row).T)


@dataclass(frozen=True)
class PoissonLines:
    """Poisson rows whose columns are lines in z within cells of the groups (`lines`)."""

    design: Design
    family: PoissonRows
    lines: Lines
    events: FloatArray = field(init=False)
    fixed: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        cells, y = self.lines.cells, self.family.y
        events = moments(cells, cells.ordered(y), self.lines.z, 1)
        object.__setattr__(self, "events", events)
        object.__setattr__(self, "fixed", self.design.sums(y * self.design.offset))

    @property
    def constant(self) -> float:
        """What the log-likelihood holds besides `value`."""
        return self.family.constant

    @property
    def n_summed(self) -> int:
        """How many numbers a sum is of."""
        return len(self.lines.cells.starts)

    def state(self, beta: FloatArray) -> _LinesAtCoefficients:
        """Return α and γ at beta (n, p)."""
        return _LinesAtCoefficients(self, beta @ self.lines.level.T, beta @ self.lines.slope.T)


@dataclass(frozen=True)
class _LinesAtCoefficients:
    rows: PoissonLines
    alpha: FloatArray
    gamma: FloatArray

    def at(self, b: FloatArray) -> _LineSums:
        lines = self.rows.lines
        own = b.reshape(2, len(self.alpha), -1)[:, :, lines.cells.group_of]
        alpha, gamma = self.alpha + own[0], self.gamma + own[1]
        return _LineSums(self.rows, alpha, gamma, lines.expected(alpha, gamma, 3))


@dataclass(frozen=True)
class _LineSums:
    """Sums at α and γ (n, C): all derivatives above the first are minus `expected` (4, n, C)."""

    rows: PoissonLines
    alpha: FloatArray
    gamma: FloatArray
    expected: FloatArray

    def _groups(self, cells: FloatArray) -> FloatArray:
        """Add cells (…, n, C) within groups, giving (…, n J)."""
        return self.rows.lines.cells.groups(cells).reshape(*cells.shape[:-2], -1)

    @cached_property
    def value(self) -> FloatArray:
        events, rows = self.rows.events, self.rows
        by_effects = events[0] * self.alpha + events[1] * self.gamma
        own = rows.lines.cells.groups(by_effects - self.expected[0])
        return np.asarray((rows.fixed + own).ravel())

    @cached_property
    def first(self) -> FloatArray:
        return self._groups(self.rows.events[:, None] - self.expected[:2])

    @property
    def second(self) -> FloatArray:
        return self.third[:3]

    @cached_property
    def third(self) -> FloatArray:
        return -self._groups(self.expected)

    def by_column(self) -> tuple[FloatArray, FloatArray]:
        lines, expected = self.rows.lines, self.expected[:, None]
        level, slope = lines.level.T[:, None], lines.slope.T[:, None]
        third = -self._groups(level * expected[:3] + slope * expected[1:])
        return third[:2], third

    def weighted_first(self, weight: FloatArray) -> FloatArray:
        lines = self.rows.lines
        by_cell = weight.reshape(len(self.alpha), -1)[:, lines.cells.group_of]
        first = (self.rows.events[:, None] - self.expected[:2]) * by_cell
        return np.asarray(lines.level.T @ first[0].T + lines.slope.T @ first[1].T)
