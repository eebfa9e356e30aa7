"""Sums of expected counts without their rows, where columns are lines in one covariate.

Within an LA every column of a table's model is a line in the LSOA's covariate z: the constant, z
itself, the LA's context and their product. Beside a column of two values (rural, or the constant
of a stratum) they are lines within each of its values. In such a cell of rows an expected count
is e^(offset + α + γ z) with the cell's own α and γ, so that all a likelihood reads of the rows is

    Σ e^(offset + α + γ z) z^a.

They are summed over the rows at one γ a cell; at others they follow from
e^(γ z) = e^(c z) Σ_k ((γ - c) z)^k / k!, to rounding, without reading the rows again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analysis_py.mixed.design import Design
from analysis_py.mixed.quadrature import FloatArray, IntArray

#: A column is a line in z where it lies this close to one, as a share of its largest value.
_LINE = 1e-12

#: Farthest a slope times z may lie from where the rows were summed, and the terms of the
#: exponential series that reach rounding there: 1 / 20! is 4e-19.
_REACH, _TERMS = 1.0, 20

#: What each term after the first is divided by more than the one before it.
_COUNTED = np.arange(1.0, _TERMS)

#: Rows a cell from which on the sums cost less than the rows.
_WORTH = 10

#: Most columns of two values: their patterns and the groups are numbered together.
_MOST_PATTERNS = 40


@dataclass(frozen=True)
class Cells:
    """Rows by group and by the values of the columns that have two.

    Attributes
    ----------
    order
        The rows that puts those of a cell together (n,), None where they stand so already.
    starts
        First row of each of the C cells in that order, (C,).
    group_of
        Group of each cell, (C,).
    first
        First cell of each group, (J,), None where every group is one cell.
    """

    order: IntArray | None
    starts: IntArray
    group_of: IntArray
    first: IntArray | None

    def ordered(self, rows: FloatArray) -> FloatArray:
        """Put values of rows (n,) in the order of the cells."""
        return rows if self.order is None else rows[self.order]

    def sums(self, rows: FloatArray) -> FloatArray:
        """Add ordered rows (n,) within cells, giving (C,)."""
        return np.add.reduceat(rows, self.starts)

    def groups(self, cells: FloatArray) -> FloatArray:
        """Add cells (…, C) within groups, giving (…, J)."""
        return cells if self.first is None else np.add.reduceat(cells, self.first, axis=-1)


def find_cells(design: Design) -> Cells | None:
    """Return the cells of a design's rows, or None where too many columns have two values."""
    key, n_patterns = design.group_of, 0
    for column in design.x:
        low, high = float(column.min()), float(column.max())
        at_top = column == high
        if low == high or not np.all(at_top | (column == low)):
            continue
        key, n_patterns = 2 * key + at_top, n_patterns + 1
    if n_patterns > _MOST_PATTERNS:
        return None
    order = None
    if n_patterns and np.any(key[1:] < key[:-1]):
        order = np.argsort(key, kind="stable")
        key = key[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    group_of = key[starts] >> n_patterns
    is_one_each = len(starts) == design.n_groups
    first = np.flatnonzero(np.concatenate(([True], np.diff(group_of) > 0)))
    return Cells(order, starts, group_of, None if is_one_each else first)


def moments(within: Cells | Design, rows: FloatArray, z: FloatArray, top: int) -> FloatArray:
    """Return Σ rows z^a for a = 0 … top within cells (rows and z in their order) or groups.

    Rows and z (n,) give (top + 1, C) or (top + 1, J).
    """
    out, weighted = [], rows
    for a in range(top + 1):
        weighted = weighted * z if a else rows
        out.append(within.sums(weighted))
    return np.stack(out)


@dataclass
class Lines:
    """Rows of which column c is `level` + `slope` z within every cell, both (C, p).

    `z` and `offset` (n,) stand in the order of the cells.
    """

    cells: Cells
    z: FloatArray
    offset: FloatArray
    level: FloatArray
    slope: FloatArray
    _farthest: FloatArray = field(init=False)
    _centre: FloatArray = field(init=False)
    _top: FloatArray = field(init=False)
    _windows: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self._farthest = np.maximum.reduceat(np.abs(self.z), self.cells.starts)
        self._centre = np.full(len(self._farthest), np.nan)

    def expected(self, alpha: FloatArray, gamma: FloatArray, top: int) -> FloatArray:
        """Return Σ e^(offset + α + γ z) z^a for a = 0 … top <= 3.

        α and γ are (C,), or (n, C) at n points near each other; gives (top + 1, …) of their shape.
        """
        if not self._reaches(gamma):
            self._sum_at(gamma.reshape(-1, len(self._farthest))[0])
            if gamma.ndim > 1 and not self._reaches(gamma):
                both = zip(alpha, gamma, strict=True)
                return np.stack([self.expected(*one, top) for one in both], axis=1)
        series = np.ones((_TERMS, *gamma.shape))
        series[1:] = (gamma - self._centre) / _COUNTED.reshape(-1, *[1] * gamma.ndim)
        np.cumprod(series, axis=0, out=series)
        series *= np.exp(alpha + self._top)
        return np.asarray(np.einsum("ajk,k...j->a...j", self._windows[: top + 1], series))

    def _reaches(self, gamma: FloatArray) -> bool:
        """Whether the series about the centre is exact to rounding at γ (…, C)."""
        return float(np.max(np.abs(gamma - self._centre) * self._farthest)) <= _REACH

    def _sum_at(self, centre: FloatArray) -> None:
        """Read the rows: Σ e^(offset + c z - top) z^(a + k) for all a and k of the series."""
        size = np.diff(np.append(self.cells.starts, len(self.z)))
        exponent = self.offset + np.repeat(centre, size) * self.z
        self._centre, self._top = centre, np.maximum.reduceat(exponent, self.cells.starts)
        rows = np.exp(exponent - np.repeat(self._top, size))
        summed = moments(self.cells, rows, self.z, _TERMS + 2)
        self._windows = np.lib.stride_tricks.sliding_window_view(summed, _TERMS, axis=0)


def find_lines(design: Design, cells: Cells, z: FloatArray) -> Lines | None:
    """Return the rows as lines in z (n,), or None where a column is none within a cell."""
    size = np.diff(np.append(cells.starts, design.n_rows))
    z = cells.ordered(z)
    mean = cells.sums(z) / size
    away = z - np.repeat(mean, size)
    spread = cells.sums(away**2)
    # rounding is no spread: a column's slope on it would be any number
    varies = spread > size * (1e-14 * float(np.max(np.abs(z)))) ** 2
    level, slope = np.zeros((2, len(size), design.n_coefs))
    for c, column in enumerate(map(cells.ordered, design.x)):
        np.divide(cells.sums(away * column), spread, out=slope[:, c], where=varies)
        level[:, c] = cells.sums(column) / size - slope[:, c] * mean
        rest = column - np.repeat(level[:, c], size) - np.repeat(slope[:, c], size) * z
        if float(np.max(np.abs(rest))) > _LINE * float(np.max(np.abs(column))):
            return None
    return Lines(cells, z, cells.ordered(design.offset), level, slope)


def model_lines(design: Design) -> Lines | None:
    """Return a model's rows as lines, or None where they are none or the cells hardly fewer."""
    cells = find_cells(design) if design.n_rows >= _WORTH * design.n_groups else None
    if cells is None or design.n_rows < _WORTH * len(cells.starts):
        return None
    size = np.diff(np.append(cells.starts, design.n_rows))
    for column in design.x:
        rows = cells.ordered(column)
        if np.any(rows != np.repeat(rows[cells.starts], size)):
            return find_lines(design, cells, column)
    return find_lines(design, cells, np.zeros(design.n_rows))
