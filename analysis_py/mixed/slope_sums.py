"""Sums over the rows of a group that a random intercept and slope need, at given effects.

With l⁽ᵐ⁾ the m-th derivative of a row's log density at eta + b_0 + b_1 z, they are Σ l⁽ᵐ⁾ z^a and
Σ l⁽ᵐ⁾ z^a x. Of any family they are sums over rows. Poisson rows whose columns are lines in z
within every group, as context and cross-level columns are, collapse: see `PoissonLines`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from analysis_py.mixed.design import Design
from analysis_py.mixed.quadrature import FloatArray
from analysis_py.mixed.rows import PoissonRows, RowFamily

#: A column is a line in z where it lies this close to one, as a share of its largest value.
_LINE = 1e-12

#: Farthest a slope times z may lie from where `PoissonLines` was summed, and the terms of the
#: exponential series that reach rounding there: 1 / 20! is 4e-19.
_REACH, _TERMS = 1.0, 20


class Sums(Protocol):
    """The sums at one value of the coefficients and effects."""

    @property
    def value(self) -> FloatArray:
        """Σ log density without its constant, (J,)."""

    @property
    def first(self) -> FloatArray:
        """Σ l' z^a, a = 0, 1: (J, 2)."""

    @property
    def second(self) -> FloatArray:
        """Σ l'' z^a, a = 0 … 2: (J, 3)."""

    @property
    def third(self) -> FloatArray:
        """Σ l''' z^a, a = 0 … 3: (J, 4)."""

    def by_column(self) -> tuple[FloatArray, FloatArray]:
        """Return Σ l'' z^a x, a = 0, 1 (p, J, 2) and Σ l''' z^a x, a = 0 … 2 (p, J, 3)."""

    def weighted_first(self, weight: FloatArray) -> FloatArray:
        """Return Σ_j weight_j Σ l' x for weights (J,), shape (p,)."""


class AtCoefficients(Protocol):
    """The rows at given coefficients."""

    def at(self, b: FloatArray) -> Sums:
        """Return the sums at group effects b (J, 2)."""


class SlopeRows(Protocol):
    """Rows in group order, with the covariate that has the random slope."""

    @property
    def design(self) -> Design:
        """The rows' fixed part."""

    @property
    def constant(self) -> float:
        """What the log-likelihood holds besides `value`."""

    def state(self, beta: FloatArray) -> AtCoefficients:
        """Return the rows at scaled coefficients beta (p,)."""


def slope_rows(design: Design, family: RowFamily, z: FloatArray) -> SlopeRows:
    """Return the rows with random slopes on z (n,), collapsed where they can be."""
    if isinstance(family, PoissonRows):
        lines = _lines(design, z)
        if lines is not None:
            return PoissonLines(design, family, z, *lines)
    return EveryRow(design, family, z)


def _moments(design: Design, rows: FloatArray, z: FloatArray, top: int) -> FloatArray:
    """Return Σ rows z^a for a = 0 … top, shape (J, top + 1)."""
    out, weighted = [], rows
    for a in range(top + 1):
        weighted = weighted * z if a else rows
        out.append(design.sums(weighted))
    return np.stack(out, axis=-1)


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

    def state(self, beta: FloatArray) -> _RowsAtCoefficients:
        """Return the linear predictor at beta (p,)."""
        return _RowsAtCoefficients(self, beta @ self.design.x + self.design.offset)


@dataclass(frozen=True)
class _RowsAtCoefficients:
    rows: EveryRow
    eta: FloatArray

    def at(self, b: FloatArray) -> _RowSums:
        group_of, z = self.rows.design.group_of, self.rows.z
        return _RowSums(self.rows, self.eta + b[group_of, 0] + b[group_of, 1] * z)


@dataclass(frozen=True)
class _RowSums:
    """Sums at a linear predictor (n,), each made when it is first asked for."""

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
        return _moments(self.rows.design, rows, self.rows.z, top)

    @cached_property
    def value(self) -> FloatArray:
        return self.rows.design.sums(self._value_first[0])

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
            np.stack([self._sums(second * column, 1) for column in columns]),
            np.stack([self._sums(third * column, 2) for column in columns]),
        )

    def weighted_first(self, weight: FloatArray) -> FloatArray:
        design = self.rows.design
        return np.asarray(design.x @ (self._value_first[1] * weight[design.group_of]))


def _lines(design: Design, z: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Return (level, slope), each (J, p), of the columns as lines in z by group, if they are."""
    size = np.diff(np.append(design.starts, design.n_rows))
    mean = design.sums(z) / size
    away = z - mean[design.group_of]
    spread = design.sums(away**2)
    level, slope = np.empty((2, design.n_groups, design.n_coefs))
    for c, column in enumerate(design.x):
        with np.errstate(divide="ignore", invalid="ignore"):
            tilt = np.where(spread > 0, design.sums(away * column) / spread, 0.0)
        level[:, c] = design.sums(column) / size - tilt * mean
        slope[:, c] = tilt
        rest = column - level[design.group_of, c] - tilt[design.group_of] * z
        if float(np.max(np.abs(rest))) > _LINE * float(np.max(np.abs(column))):
            return None
    return level, slope


@dataclass
class PoissonLines:
    """Poisson rows whose columns are `level` + `slope` z within every group, both (J, p).

    A row's mean is then e^(offset + α + γ z) with α and γ of its group, and every sum is made of
    Σ e^(offset + γ z) z^a. They are summed over the rows at one γ a group; at others they follow
    from e^(γ z) = e^(c z) Σ_k ((γ - c) z)^k / k!, to rounding, without reading the rows again.
    """

    design: Design
    family: PoissonRows
    z: FloatArray
    level: FloatArray
    slope: FloatArray
    events: FloatArray = field(init=False)
    fixed: FloatArray = field(init=False)
    _farthest: FloatArray = field(init=False)
    _centre: FloatArray = field(init=False)
    _top: FloatArray = field(init=False)
    _summed: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        y, design = self.family.y, self.design
        self.events = _moments(design, y, self.z, 1)
        self.fixed = design.sums(y * design.offset)
        self._farthest = np.maximum.reduceat(np.abs(self.z), design.starts)
        self._centre = np.full(design.n_groups, np.nan)

    @property
    def constant(self) -> float:
        """What the log-likelihood holds besides `value`."""
        return self.family.constant

    def state(self, beta: FloatArray) -> _LinesAtCoefficients:
        """Return α and γ at beta (p,)."""
        return _LinesAtCoefficients(self, self.level @ beta, self.slope @ beta)

    def expected(self, alpha: FloatArray, gamma: FloatArray) -> FloatArray:
        """Return Σ e^(offset + α + γ z) z^a for a = 0 … 3 at α, γ (J,), shape (J, 4)."""
        if not float(np.max(np.abs(gamma - self._centre) * self._farthest)) <= _REACH:
            self._sum_at(gamma)
        series = np.ones((_TERMS, len(gamma)))
        series[1:] = (gamma - self._centre) / np.arange(1.0, _TERMS)[:, None]
        np.cumprod(series, axis=0, out=series)
        series *= np.exp(alpha + self._top)
        return np.stack(
            [np.einsum("kj,kj->j", self._summed[a : a + _TERMS], series) for a in range(4)], axis=-1
        )

    def _sum_at(self, centre: FloatArray) -> None:
        """Read the rows: Σ e^(offset + c z - top) z^a for all a that the series needs."""
        design = self.design
        exponent = design.offset + centre[design.group_of] * self.z
        self._centre, self._top = centre, np.maximum.reduceat(exponent, design.starts)
        rows = np.exp(exponent - self._top[design.group_of])
        self._summed = np.ascontiguousarray(_moments(design, rows, self.z, _TERMS + 2).T)


@dataclass(frozen=True)
class _LinesAtCoefficients:
    lines: PoissonLines
    alpha: FloatArray
    gamma: FloatArray

    def at(self, b: FloatArray) -> _LineSums:
        alpha, gamma = self.alpha + b[:, 0], self.gamma + b[:, 1]
        return _LineSums(self.lines, alpha, gamma, self.lines.expected(alpha, gamma))


@dataclass(frozen=True)
class _LineSums:
    """Sums at α and γ (J,): all derivatives above the first are minus the `expected` (J, 4)."""

    lines: PoissonLines
    alpha: FloatArray
    gamma: FloatArray
    expected: FloatArray

    @property
    def value(self) -> FloatArray:
        events = self.lines.events
        by_effects = events[:, 0] * self.alpha + events[:, 1] * self.gamma
        return np.asarray(self.lines.fixed + by_effects - self.expected[:, 0])

    @property
    def first(self) -> FloatArray:
        return np.asarray(self.lines.events - self.expected[:, :2])

    @property
    def second(self) -> FloatArray:
        return np.asarray(-self.expected[:, :3])

    @property
    def third(self) -> FloatArray:
        return np.asarray(-self.expected)

    def by_column(self) -> tuple[FloatArray, FloatArray]:
        level, slope = self.lines.level.T[..., None], self.lines.slope.T[..., None]
        third = -(level * self.expected[:, :3] + slope * self.expected[:, 1:])
        return third[..., :2], third

    def weighted_first(self, weight: FloatArray) -> FloatArray:
        first = self.first * weight[:, None]
        return np.asarray(self.lines.level.T @ first[:, 0] + self.lines.slope.T @ first[:, 1])
