"""Which counts of a release are hidden: small ones, and what would give one away.

Cells, the sums that they form and the bounds between them are `disclosure.dsc_cells` and
`disclosure.dsc_relations`. A reader knows of a hidden count that it is above zero, and no
more: the mark does not say which of several is the small one. The protection interval, for
all of disclosure control: whatever is worked out from everything that is shown, a hidden
count may still be at least k numbers (`protected_width`), as many as "1 to k" says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from publish_py.bounds import ranges
from publish_py.rounding import Whole, rounded, rounded_from
from publish_py.rules import Rules
from publish_py.solutions import Flags, Places, Reals, System

ROUNDS = 60
RINGS = 4  # how far from a count more is hidden for it
ROOM = 2  # a part with more than this many times the protected width can move


def protected_width(rules: Rules) -> int:
    """Return the least distance between a hidden count's lowest and highest value, k - 1."""
    return rules.largest_small - 1


@dataclass(frozen=True)
class Cells:
    """Counts that may be published, and what holds between them.

    Attributes
    ----------
    counts
        Exact counts, shape (n,).
    is_primary
        Whether each is hidden for itself.
    is_rounded
        Whether each is rounded where it is shown.
    entry_sum, entry_cell, entry_sign
        Sums as entries: number of the sum, the cell, 1 for a part and -1 for the total.
    at_most
        Pairs of a part and what it is at most, shape (m, 2).
    is_known
        Counts that the release before has shown and that have not been revised.
    is_kept
        Counts to show if any others can be hidden instead.
    """

    counts: Whole
    is_primary: Flags
    is_rounded: Flags
    entry_sum: Places
    entry_cell: Places
    entry_sign: Places
    at_most: Places
    is_known: Flags
    is_kept: Flags

    @property
    def n_sums(self) -> int:
        """How many sums there are."""
        return int(self.entry_sum.max()) + 1 if len(self.entry_sum) else 0


@dataclass(frozen=True)
class Pattern:
    """What is hidden, and under which mark.

    Attributes
    ----------
    is_hidden
        Shape (n,).
    marks
        primary, secondary, rounded or nothing, shape (n,).
    n_unprotected
        Hidden counts that no further hiding could protect.
    n_rounds, n_programs
        How often the pattern was checked as a whole, and by how many programs.
    """

    is_hidden: Flags
    marks: NDArray[np.object_]
    n_unprotected: int
    n_rounds: int
    n_programs: int


def hide(cells: Cells, rules: Rules, *, with_secondary: bool = True) -> Pattern:
    """Decide what is hidden.

    Small counts first; then, sum by sum, the smallest others that leave each hidden count its
    k values; then the whole is checked at once, over every sum and bound, and more is hidden
    where a count is still too narrow, until none is.

    Parameters
    ----------
    cells
        The counts and their relations.
    rules
        k, and what rounded counts are rounded to.
    with_secondary
        Whether to do more than hide counts for themselves: tests of the audit do not.
    """
    board = _Board(cells, rules)
    n_rounds = n_programs = 0
    narrow: Places = np.array([], dtype=np.int64)
    if with_secondary:
        start = cells.counts.astype(np.float64)
        attained = (start, start)  # what may be, may be when more is hidden
        board.close_sums(range(cells.n_sums))
        for _ in range(ROUNDS):
            n_rounds += 1
            found = ranges(
                board.system(),
                board.is_hidden & ~cells.is_known,
                protected_width(rules),
                start=start,
                attained=attained,
                is_quick=True,
            )
            attained = (np.minimum(start, found.low), np.maximum(start, found.high))
            n_programs += found.n_programs
            narrow = np.flatnonzero(found.is_narrow)
            if not len(narrow) or not board.widen(narrow):
                break
    return Pattern(board.is_hidden, board.marks(), len(narrow), n_rounds, n_programs)


@dataclass
class _Board:
    """The pattern while it is being decided."""

    cells: Cells
    rules: Rules
    is_hidden: Flags = field(init=False)

    def __post_init__(self) -> None:
        cells = self.cells
        self.is_hidden = cells.is_primary.copy()
        self._starts = np.searchsorted(cells.entry_sum, np.arange(cells.n_sums + 1))
        order = np.argsort(cells.entry_cell, kind="stable")
        self._sums_by_cell = cells.entry_sum[order]
        self._cell_starts = np.searchsorted(
            cells.entry_cell[order], np.arange(len(cells.counts) + 1)
        )
        is_small = (cells.counts > 0) & (cells.counts <= self.rules.largest_small)
        self._is_small = is_small
        self._shown_low, self._shown_high = _shown(cells, self.rules)
        near = np.abs(np.diff(cells.counts[cells.at_most], axis=1)[:, 0]) < protected_width(
            self.rules
        )
        self._close_to: dict[int, list[int]] = {}
        for part, total in cells.at_most[near].tolist():
            self._close_to.setdefault(part, []).append(total)
            self._close_to.setdefault(total, []).append(part)

    def sums_of(self, cell: int) -> list[int]:
        """Return the sums in which a cell stands."""
        span = slice(self._cell_starts[cell], self._cell_starts[cell + 1])
        return [int(one) for one in self._sums_by_cell[span]]

    def members(self, number: int) -> tuple[list[int], int]:
        """Return the parts of a sum, and its total."""
        span = slice(self._starts[number], self._starts[number + 1])
        cells, signs = self.cells.entry_cell[span], self.cells.entry_sign[span]
        return cells[signs > 0].tolist(), int(cells[signs < 0][0])

    def limits(self) -> tuple[Reals, Reals]:
        """Return what is known of each count from how it is shown: hidden, it is above zero."""
        hidden = self.is_hidden & ~self.cells.is_known
        low = np.where(hidden, 1, self._shown_low)
        high = np.where(hidden, np.inf, self._shown_high)
        return low.astype(np.float64), high.astype(np.float64)

    def marks(self) -> NDArray[np.object_]:
        """Return why each cell is hidden, or that it is rounded: for those in the room."""
        primary = self.is_hidden & self.cells.is_primary
        marks = np.where(self.cells.is_rounded & (self.cells.counts > 0), "rounded", "")
        marks = np.where(self.is_hidden, "secondary", marks)
        return np.where(primary, "primary", marks).astype(object)

    def system(self) -> System:
        """Return what a reader can reckon with."""
        cells = self.cells
        lower, upper = self.limits()
        n_sums, n_pairs = cells.n_sums, len(cells.at_most)
        row = np.concatenate([cells.entry_sum, np.repeat(n_sums + np.arange(n_pairs), 2)])
        column = np.concatenate([cells.entry_cell, cells.at_most.ravel()])
        sign = np.concatenate([cells.entry_sign, np.tile([1, -1], n_pairs)]).astype(np.float64)
        matrix = csr_array((sign, (row, column)), shape=(n_sums + n_pairs, len(cells.counts)))
        row_lower = np.concatenate([np.zeros(n_sums), np.full(n_pairs, -np.inf)])
        return System(lower, upper, matrix, row_lower, np.zeros(n_sums + n_pairs))

    def close_sums(self, numbers: Iterable[int]) -> None:
        """Hide more until each sum by itself leaves its hidden counts their values."""
        waiting = dict.fromkeys(numbers)
        while waiting:
            waiting = dict.fromkeys(number for number in self._narrow_sums() if number in waiting)
            touched: dict[int, None] = {}
            for number in waiting:
                for cell in self._close(number):
                    touched.update(dict.fromkeys(self.sums_of(cell)))
            waiting = touched

    def _narrow_sums(self) -> list[int]:
        """Return the sums that leave a hidden count too few values."""
        cells = self.cells
        lower, upper = self.limits()
        row, cell, sign = cells.entry_sum, cells.entry_cell, cells.entry_sign
        least = np.where(sign > 0, lower[cell], -upper[cell])
        most = np.where(sign > 0, upper[cell], -lower[cell])
        from_least, from_most = _rest(least, row), _rest(most, row)
        high = np.minimum(upper[cell], np.where(sign > 0, -from_least, from_most))
        low = np.maximum(lower[cell], np.where(sign > 0, -from_most, from_least))
        asked = self.is_hidden[cell] & ~cells.is_known[cell]
        narrow = asked & (high - low < protected_width(self.rules))
        return [int(one) for one in np.unique(row[narrow])]

    def _close(self, number: int) -> list[int]:
        """Hide what this sum needs; return the cells that were hidden."""
        parts, total = self.members(number)
        added: list[int] = []
        while self._is_narrow(parts, total):
            cell = self._next(parts, total)
            if cell is None:
                break
            added += self.hide(cell)
        return added

    def _is_narrow(self, parts: list[int], total: int) -> bool:
        """Whether a sum by itself leaves one of its hidden counts too few values."""
        width = protected_width(self.rules)
        hides = self._hides
        lows = [1.0 if hides(cell) else float(self._shown_low[cell]) for cell in parts]
        highs = [np.inf if hides(cell) else float(self._shown_high[cell]) for cell in parts]
        low_sum, high_sum = sum(lows), sum(highs)
        total_low, total_high = 1.0, np.inf
        if not hides(total):
            total_low, total_high = float(self._shown_low[total]), float(self._shown_high[total])
        elif high_sum - max(low_sum, 1.0) < width:
            return True
        n_open = sum(high == np.inf for high in highs)
        finite = sum(high for high in highs if high < np.inf)
        for cell, low, high in zip(parts, lows, highs, strict=True):
            if not hides(cell):
                continue
            others_high = (
                np.inf if n_open > (high == np.inf) else finite - (high if high < np.inf else 0)
            )
            top = min(high, total_high - (low_sum - low))
            bottom = max(low, total_low - others_high)
            if top - bottom < width:
                return True
        return False

    def _hides(self, cell: int) -> bool:
        return bool(self.is_hidden[cell]) and not bool(self.cells.is_known[cell])

    def _next(self, parts: list[int], total: int) -> int | None:
        """Return the cell to hide next.

        A rounded total of exact parts comes first: it is one cell where two of the parts
        would be needed. Else the smallest part with room to move, else the largest part;
        where there is none, the total. What is kept comes after all others.
        """
        cells = self.cells
        is_first = cells.is_rounded[total] > cells.is_rounded[parts[0]] and not cells.is_kept[total]
        if self._may_hide(total) and is_first:
            return total
        may = [cell for cell in parts if self._may_hide(cell)]
        if not may:
            return total if self._may_hide(total) else None
        return min(may, key=self._cost)

    def _cost(self, cell: int) -> tuple[bool, bool, int, int]:
        """Return what it costs to hide a cell: one with little room protects little."""
        count = int(self.cells.counts[cell])
        has_room = count > ROOM * protected_width(self.rules)
        return bool(self.cells.is_kept[cell]), not has_room, count if has_room else -count, cell

    def hide(self, cell: int) -> list[int]:
        """Hide a cell, and what bounds it closely: persons and episodes of one cell."""
        hidden = [cell]
        self.is_hidden[cell] = True
        for other in self._close_to.get(cell, ()):
            if self._may_hide(other):
                self.is_hidden[other] = True
                hidden.append(other)
        return hidden

    def _may_hide(self, cell: int) -> bool:
        return bool(
            not self.is_hidden[cell]
            and self.cells.counts[cell] > 0
            and not self.cells.is_known[cell]
        )

    def widen(self, narrow: Places) -> bool:
        """Hide more around counts that all sums together leave too few values.

        Rounded totals above them first, then another part of each of their sums; where there is
        no more to hide, so around those that stand in a sum with them, and further out.

        Returns
        -------
        bool
            Whether there was anything more to hide.
        """
        more: set[int] = set()
        for one in narrow.tolist():
            around = [one]
            for _ in range(RINGS):
                numbers = dict.fromkeys(number for cell in around for number in self.sums_of(cell))
                sums = [self.members(number) for number in numbers]
                found = self._candidates(one, sums)
                if found:
                    more |= found
                    break
                around = [cell for parts, total in sums for cell in (*parts, total)]
                around = [cell for cell in dict.fromkeys(around) if self.is_hidden[cell]]
        added = [cell for one in sorted(more) for cell in self.hide(one)]
        self.close_sums({number for cell in added for number in self.sums_of(cell)})
        return bool(added)

    def _candidates(self, one: int, sums: list[tuple[list[int], int]]) -> set[int]:
        """Return rounded totals of some sums that may be hidden, else the next of each.

        None of them is kept, where there are others.
        """
        totals = {total for _, total in sums if total != one and self._may_hide(total)}
        cells = self.cells
        first = {total for total in totals if cells.is_rounded[total] and not cells.is_kept[total]}
        following = (self._next(*members) for members in sums)
        found = first or {cell for cell in following if cell is not None}
        return {cell for cell in found if not cells.is_kept[cell]} or found


def _shown(cells: Cells, rules: Rules) -> tuple[Whole, Whole]:
    """Return what a shown count says: itself, or what is rounded to it."""
    base = rules.england_rounding
    low, high = rounded_from(rounded(cells.counts, base), base, rules.minimum_count)
    return (
        np.where(cells.is_rounded, low, cells.counts),
        np.where(cells.is_rounded, high, cells.counts),
    )


def _rest(values: Reals, row: Places) -> Reals:
    """Return, for each entry, the sum of the others of its row; infinite where one is."""
    infinite = np.isinf(values)
    sign = np.where(values[infinite] < 0, -1.0, 1.0)
    finite = np.where(infinite, 0.0, values)
    n_rows = int(row.max()) + 1 if len(row) else 0
    total = np.bincount(row, finite, n_rows)[row] - finite
    signed = np.zeros(len(values))
    signed[infinite] = sign
    n_infinite = np.bincount(row, signed, n_rows)[row] - signed
    return np.where(n_infinite == 0, total, np.where(n_infinite > 0, np.inf, -np.inf))
