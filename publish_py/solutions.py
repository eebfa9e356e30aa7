"""Whole solutions of a system of sums and bounds, and how far they let its unknowns move.

Linear and integer programming (HiGHS) finds them; each shows at once how far many may move.
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
NEAR = 120  # unknowns free to move in the smaller problems
RINGS = 3  # rows away from open unknowns: what moves with them
NODES = 100  # of a search for whole numbers: a limit that no clock moves
FEW = 20  # open unknowns are then moved among those nearest to each
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


class Search:
    """Whole solutions of one system, and the least and largest values that they take."""

    def __init__(self, system: System, asked: Flags, width: float) -> None:
        self.system = system
        self.asked = asked
        self.width = width
        self.columns = system.matrix.tocsc()
        self.everything = np.arange(len(asked))
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
        found = self._linear(self.system, cost)
        solution = None if found is None else self._mended(found, cost)
        return self._whole(self.system, cost) if solution is None else solution

    def shift(self, cost: Reals, free: Places) -> None:
        """Learn from a whole solution of low cost; what is not `free` stays as it began."""
        if self.start is None:
            return
        found = self._linear(self._around(self.start, free), cost[free])
        if found is not None:
            self._learn(found, free, cost)

    def spread(self, place: int, free: Places) -> None:
        """Learn from whole solutions with one unknown as low and as high as it goes.

        What is not `free` stays as it began. Linear programs come first: where they leave the
        unknown too little, no whole numbers leave it more.
        """
        if self.start is None:
            return
        part = self._around(self.start, free)
        at = np.flatnonzero(free == place)
        cost = np.zeros(len(self.asked))
        ends = []
        for direction in (1.0, -1.0):
            cost[place] = direction
            found = self._linear(part, cost[free])
            if found is not None:
                ends.append(float(found[at[0]]))
                self._learn(found, free, cost)
        is_settled = len(ends) == 2 and ends[1] - ends[0] < self.width - TOLERANCE
        if self.high[place] - self.low[place] >= self.width - TOLERANCE or is_settled:
            return
        for direction in (1.0, -1.0):
            cost[place] = direction
            found = self._whole(part, cost[free])
            if found is not None:
                self._learn(found, free, cost)

    def _learn(self, found: Reals, free: Places, cost: Reals) -> None:
        """Take a solution of the free unknowns, once it is whole."""
        assert self.start is not None  # noqa: S101 - both callers ask
        solution = self.start.copy()
        solution[free] = found
        whole = self._mended(solution, cost)
        if whole is not None:
            self.take(whole)

    def _linear(self, system: System, cost: Reals) -> Reals | None:
        self.n_programs += 1
        return _program(system, cost, whole=False)

    def _whole(self, system: System, cost: Reals) -> Reals | None:
        self.n_programs += 1
        return _program(system, cost, whole=True)

    def _mended(self, found: Reals, cost: Reals) -> Reals | None:
        """Return a solution whose fractions are looked for again as whole numbers.

        What stands in their rows may move with them; None where that is not enough.
        """
        solution = np.rint(found)
        broken = np.flatnonzero(np.abs(found - solution) > TOLERANCE)
        if not len(broken):
            return solution
        rows = np.unique(self.columns[:, broken].indices)
        free = np.unique(self.system.matrix[rows].indices).astype(np.int64)
        mended = self._whole(self._around(solution, free), cost[free])
        if mended is None:
            return None
        solution[free] = np.rint(mended)
        return solution

    def _around(self, start: Reals, free: Places) -> System:
        if len(free) == len(start):
            return self.system
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

    def beside(self, places: Places, rings: int) -> Places:
        """Return unknowns and what shares rows with them, and so on outwards."""
        for _ in range(rings):
            rows = np.unique(self.columns[:, places].indices)
            places = np.unique(self.system.matrix[rows].indices).astype(np.int64)
        return places

    def near(self, place: int, most: int) -> Places:
        """Return up to `most` unknowns around one, nearest first by the rows they share."""
        if most >= len(self.asked):
            return self.everything
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


def together(search: Search) -> None:
    """Move all open unknowns at once, up or down by lot, and what is around them.

    The few that are left are moved among those nearest to each, and then again at once, with
    all others free.
    """
    _by_lot(search, FEW, RINGS)
    if len(search.asked) <= NEAR:
        return
    for place in search.open().tolist():
        search.spread(place, search.near(place, NEAR))
    _by_lot(search, 2, None)


def _by_lot(search: Search, few: int, rings: int | None) -> None:
    draw = np.random.default_rng(2019)
    for _ in range(BATCHES):
        before = search.open()
        if len(before) < few:
            return
        free = search.everything if rings is None else search.beside(before, rings)
        cost = np.zeros(len(search.asked))
        cost[before] = draw.choice([-1.0, 1.0], size=len(before))
        for direction in (1.0, -1.0):
            search.shift(direction * cost, free)
        if len(search.open()) > FRUITLESS * len(before):
            return


def one_by_one(search: Search) -> Places:
    """Move each open unknown by itself, with all others free.

    Returns
    -------
    ndarray
        The unknowns that stay narrower than asked.
    """
    for place in search.open().tolist():
        search.spread(place, search.everything)
    return search.open()
