"""What sums and bounds say of unknown whole numbers: their least and their largest values.

Unknowns with limits, and rows that hold their sums between limits. Limits are first narrowed
row by row; what is left falls into blocks that share no row, in each of which whole solutions are
looked for (`solutions.py`): a block whose unknowns have all been seen to move is done with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import block_array, csr_array
from scipy.sparse.csgraph import connected_components

from publish_py.solutions import (
    TOLERANCE,
    Flags,
    Places,
    Reals,
    Search,
    System,
    one_by_one,
    together,
)


@dataclass(frozen=True)
class Ranges:
    """How far unknowns may move.

    Attributes
    ----------
    low, high
        Values that whole solutions take, shape (n,): the least and largest found, which are
        the least and largest there are where `is_narrow`; or, where single rows said so, limits
        that hold for every solution.
    is_narrow
        Unknowns that were asked about and cannot be as wide as was asked.
    is_feasible
        Whether there is a solution at all.
    n_programs
        How many linear or integer programs were solved.
    """

    low: Reals
    high: Reals
    is_narrow: Flags
    is_feasible: bool
    n_programs: int


def narrowed(system: System, sweeps: int = 50) -> tuple[Reals, Reals]:
    """Return limits of the unknowns that follow from one row at a time, until none moves.

    They hold for every solution, and need not be attained. Crossed limits mean that there
    is no solution.
    """
    lower, upper = system.lower.copy(), system.upper.copy()
    if np.any(lower > upper):
        return lower, upper
    crossed = _crossed(system)
    if len(crossed):
        lower[crossed], upper[crossed] = 1.0, 0.0
        return lower, upper
    loose = np.flatnonzero(upper > lower)
    lower[loose], upper[loose] = _swept(_without_fixed(system, lower, upper, loose), sweeps)
    return lower, upper


def _crossed(system: System) -> Places:
    """Return the unknowns of rows that hold nothing loose, and not their sum either."""
    entries = system.matrix.tocoo()
    is_fixed = system.lower == system.upper
    n_loose = np.bincount(entries.row, ~is_fixed[entries.col], system.matrix.shape[0])
    sums = system.matrix @ np.where(is_fixed, system.lower, 0.0)
    outside = (sums > system.row_upper + TOLERANCE) | (sums < system.row_lower - TOLERANCE)
    return np.unique(entries.col[((n_loose == 0) & outside)[entries.row]]).astype(np.int64)


def _swept(system: System, sweeps: int) -> tuple[Reals, Reals]:
    """Narrow limits by every row, again and again."""
    entries = system.matrix.tocoo()
    row, column, sign = entries.row, entries.col, entries.data
    n_rows = system.matrix.shape[0]
    lower, upper = system.lower.copy(), system.upper.copy()
    for _ in range(sweeps):
        least = np.where(sign > 0, lower[column], -upper[column])
        most = np.where(sign > 0, upper[column], -lower[column])
        room = system.row_upper[row] - _others(least, row, n_rows)
        need = system.row_lower[row] - _others(most, row, n_rows)
        new_upper = np.floor(np.where(sign > 0, room, -need) + TOLERANCE)
        new_lower = np.ceil(np.where(sign > 0, need, -room) - TOLERANCE)
        before = lower.copy(), upper.copy()
        np.minimum.at(upper, column, new_upper)
        np.maximum.at(lower, column, new_lower)
        if np.array_equal(before[0], lower) and np.array_equal(before[1], upper):
            break
    return lower, upper


def _others(values: Reals, row: Places, n_rows: int) -> Reals:
    """Return, for each entry, the sum of the others of its row; infinite where one is."""
    infinite = np.isinf(values)
    direction = -np.inf if np.any(values == -np.inf) else np.inf
    finite = np.where(infinite, 0.0, values)
    total = np.bincount(row, finite, n_rows)[row] - finite
    n_infinite = np.bincount(row, infinite, n_rows)[row] - infinite
    return np.where(n_infinite > 0, direction, total)


def ranges(
    system: System,
    asked: Flags,
    width: float,
    start: Reals | None = None,
    *,
    attained: tuple[Reals, Reals] | None = None,
    is_quick: bool = False,
) -> Ranges:
    """Find out which unknowns may take whole values at least `width` apart.

    Parameters
    ----------
    system
        The unknowns and their rows.
    asked
        Which of them are asked about, shape (n,).
    width
        Between the least and the largest value.
    start
        A whole solution, where one is known.
    attained
        Least and largest values that whole solutions are known to take.
    is_quick
        Whether an unknown counts as narrow where no solution near the first one shows
        otherwise, and where single rows say so of any, only those are looked for.
    """
    lower, upper = narrowed(system)
    if np.any(lower > upper):
        return Ranges(lower, upper, asked.copy(), False, 0)
    is_narrow = asked & (upper - lower < width - TOLERANCE)
    if is_quick and np.any(is_narrow):
        return Ranges(*(attained or (lower, upper)), is_narrow, True, 0)
    low, high, by_rows = lower.copy(), upper.copy(), is_narrow.copy()
    n_programs = 0
    loose = np.flatnonzero(upper > lower)
    whole = _without_fixed(system, lower, upper, loose)
    for rows, columns in _blocks(whole.matrix):
        if len(rows) < 2:
            continue  # what one row says is attained
        places = loose[columns]
        search = Search(_part(whole, rows, columns), (asked & ~is_narrow)[places], width)
        if attained is not None:
            search.low, search.high = attained[0][places], attained[1][places]
        if start is None or len(search.open()):
            first = search.first() if start is None else start[places]
            if first is None:
                return Ranges(lower, upper, asked.copy(), False, n_programs + search.n_programs)
            search.take(first)
            together(search)
            is_narrow[places[one_by_one(search)]] = True
        elif attained is None:
            search.take(start[places])
        n_programs += search.n_programs
        moved = ~by_rows[places]
        low[places[moved]], high[places[moved]] = search.low[moved], search.high[moved]
    return Ranges(low, high, is_narrow, True, n_programs)


def _without_fixed(system: System, lower: Reals, upper: Reals, loose: Places) -> System:
    """Return the system of the unknowns that are not fixed, and of the rows that hold one."""
    fixed = np.ones(len(lower), dtype=np.bool_)
    fixed[loose] = False
    known = system.matrix[:, np.flatnonzero(fixed)] @ lower[fixed]
    matrix = csr_array(system.matrix[:, loose])
    kept = np.flatnonzero(np.diff(matrix.indptr) > 0)
    return System(
        lower[loose],
        upper[loose],
        csr_array(matrix[kept]),
        (system.row_lower - known)[kept],
        (system.row_upper - known)[kept],
    )


def _blocks(matrix: csr_array) -> Iterator[tuple[Places, Places]]:
    """Yield the rows and unknowns of each part of a system that shares no row with another."""
    n_rows, n_columns = matrix.shape
    if not n_columns:
        return
    joined = csr_array((n_columns, n_columns))
    if n_rows:
        joined = block_array([[None, matrix], [matrix.T, None]])
    n_blocks, label = connected_components(joined, directed=False)
    rows, columns = (
        np.split(
            np.argsort(part, kind="stable"),
            np.searchsorted(np.sort(part), np.arange(1, n_blocks)),
        )
        for part in (label[:n_rows], label[n_rows:])
    )
    yield from zip(rows, columns, strict=True)


def _part(system: System, rows: Places, columns: Places) -> System:
    return System(
        system.lower[columns],
        system.upper[columns],
        csr_array(system.matrix[rows][:, columns]),
        system.row_lower[rows],
        system.row_upper[rows],
    )
