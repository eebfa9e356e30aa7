"""What sums and bounds say of unknown whole numbers: their least and their largest values.

Unknowns with limits, and rows that hold their sums between limits. Limits are first narrowed
row by row; then whole solutions are looked for by linear and integer programming (HiGHS),
each of which shows at once how far many unknowns may move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

BATCHES = 24
NEAR = (120, 1_500)  # unknowns free to move in the smaller problems, in the order tried
NODES = 100  # of a search for whole numbers: a limit that no clock moves
FEW = 20  # open unknowns are taken one by one
FRUITLESS = 0.8  # share that a batch may leave open before they are
UNBOUNDED = 1e7  # above every count of children
TOLERANCE = 1e-6


@dataclass(frozen=True)
class System:
    """Unknowns and what holds between them.

    Attributes
    ----------
    lower, upper
        Limits of the unknowns, shape (n,); whole numbers or infinite.
    matrix
        Rows of coefficients, shape (m, n), each -1 or 1.
    row_lower, row_upper
        Limits of the rows' sums, shape (m,).
    """

    lower: Reals
    upper: Reals
    matrix: csr_array
    row_lower: Reals
    row_upper: Reals


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


class _Search:
    """Whole solutions of one system, and the least and largest values that they take."""

    def __init__(self, system: System, asked: Flags, width: float) -> None:
        self.system = system
        self.asked = asked
        self.width = width
        self.columns = system.matrix.tocsc()
        self.low = np.full(len(asked), np.inf)
        self.high = np.full(len(asked), -np.inf)
        self.start: Reals | None = None
        self.n_programs = 0

    def open(self) -> Places:
        """Return the unknowns asked about that have not been shown wide enough."""
        return np.flatnonzero(self.asked & ~self.is_wide())

    def is_wide(self) -> Flags:
        """Return which unknowns have been shown wide enough."""
        return np.asarray(self.high - self.low >= self.width - TOLERANCE)

    def take(self, solution: Reals) -> None:
        """Learn from a whole solution; smaller problems start from the first."""
        self.low = np.minimum(self.low, solution)
        self.high = np.maximum(self.high, solution)
        self.start = solution if self.start is None else self.start

    def first(self) -> Reals | None:
        """Return any whole solution, or None where there is none."""
        cost = np.zeros(len(self.asked))
        found = self.solve(cost, whole=False)
        return self.solve(cost, whole=True) if found is None else found

    def solve(self, cost: Reals, *, whole: bool) -> Reals | None:
        """Return a whole solution of low cost (of the lowest, if `whole`), or None.

        Without `whole` a linear program is solved, and where its solution has fractions those
        are looked for again as whole numbers, with what stands in their rows.
        """
        self.n_programs += 1
        found = _program(self.system, cost, whole=whole)
        if found is None:
            return None
        solution = np.rint(found)
        broken = np.flatnonzero(np.abs(found - solution) > TOLERANCE)
        if not len(broken):
            return solution
        rows = np.unique(self.columns[:, broken].indices)
        free = np.unique(self.system.matrix[rows].indices).astype(np.int64)
        self.n_programs += 1
        mended = _program(self._around(solution, free), cost[free], whole=True)
        if mended is None:
            return None
        solution[free] = np.rint(mended)
        return solution

    def move(self, place: int, direction: float, free: Places) -> Reals | None:
        """Return a whole solution with one unknown as low (1) or high (-1) as it goes.

        Those that are not `free` are as in the first solution.
        """
        self.n_programs += 1
        start = self.start
        if start is None:
            return None
        cost = np.where(free == place, direction, 0.0)
        found = _program(self._around(start, free), cost, whole=True)
        if found is None:
            return None
        solution = start.copy()
        solution[free] = np.rint(found)
        return solution

    def _around(self, start: Reals, free: Places) -> System:
        rows = np.unique(self.columns[:, free].indices)
        block = self.system.matrix[rows]
        inside = block[:, free]
        fixed = block @ start - inside @ start[free]
        return System(
            self.system.lower[free],
            self.system.upper[free],
            inside,
            self.system.row_lower[rows] - fixed,
            self.system.row_upper[rows] - fixed,
        )

    def near(self, place: int, most: int) -> Places:
        """Return up to `most` unknowns around one, nearest first by the rows they share."""
        rows, columns = self.system.matrix, self.columns
        known = {place}
        ring = [place]
        while ring and len(known) < most:
            found: dict[int, None] = {}
            for one in ring:
                for row in columns.indices[columns.indptr[one] : columns.indptr[one + 1]]:
                    members = rows.indices[rows.indptr[row] : rows.indptr[row + 1]]
                    found.update(dict.fromkeys(members.tolist()))
            ring = [one for one in found if one not in known][: most - len(known)]
            known.update(ring)
        return np.array(sorted(known), dtype=np.int64)


def _program(system: System, cost: Reals, *, whole: bool) -> Reals | None:
    """Solve one program; None where there is no solution."""
    rows = LinearConstraint(system.matrix, system.row_lower, system.row_upper)
    found = milp(
        cost,
        constraints=rows if system.matrix.shape[0] else None,
        bounds=Bounds(system.lower, np.minimum(system.upper, UNBOUNDED)),
        integrality=np.ones(len(cost)) if whole else None,
        options={"node_limit": NODES} if whole else None,
    )
    return None if found.x is None else np.asarray(found.x)


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
    loose = np.flatnonzero(upper > lower)
    if not len(loose):
        return Ranges(lower, upper, is_narrow, True, 0)
    search = _Search(
        _without_fixed(system, lower, upper, loose), (asked & ~is_narrow)[loose], width
    )
    first = search.first() if start is None else start[loose]
    if first is None:
        return Ranges(lower, upper, asked.copy(), False, search.n_programs)
    search.take(first)
    if attained is not None:
        search.low = np.minimum(search.low, attained[0][loose])
        search.high = np.maximum(search.high, attained[1][loose])
    _together(search)
    by_rows = is_narrow.copy()
    is_narrow[loose[_one_by_one(search, is_quick)]] = True
    low, high = lower.copy(), upper.copy()
    moved = loose[~by_rows[loose]]
    low[moved], high[moved] = search.low[~by_rows[loose]], search.high[~by_rows[loose]]
    return Ranges(low, high, is_narrow, True, search.n_programs)


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


def _together(search: _Search) -> None:
    """Move all open unknowns at once, up or down by lot."""
    draw = np.random.default_rng(2019)
    for _ in range(BATCHES):
        before = search.open()
        if len(before) < FEW:
            return
        signs = draw.choice([-1.0, 1.0], size=len(before))
        for direction in (1.0, -1.0):
            cost = np.zeros(len(search.asked))
            cost[before] = direction * signs
            found = search.solve(cost, whole=False)
            if found is not None:
                search.take(found)
        if len(search.open()) > FRUITLESS * len(before):
            return


def _one_by_one(search: _Search, is_quick: bool) -> Places:
    """Move each open unknown by itself, among those around it and at last among all.

    Returns
    -------
    ndarray
        The unknowns that stay narrower than asked.
    """
    narrow = []
    for place in search.open().tolist():
        for n_near in NEAR if is_quick else (*NEAR, len(search.asked)):
            if search.is_wide()[place]:
                break
            free = search.near(place, n_near)
            for direction in (1.0, -1.0):
                found = search.move(place, direction, free)
                if found is not None:
                    search.take(found)
        if not search.is_wide()[place]:
            narrow.append(place)
    return np.array(narrow, dtype=np.int64)
