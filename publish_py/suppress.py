"""Sums of keyed counts, given to the one protector (`pattern.py`): small counts, and their cover.

A relation says that some counts sum to another. What is hidden leaves each hidden count its k
values, whatever is worked out from everything that is shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from publish_py.pattern import Cells, hide
from publish_py.rules import Rules

Cell = TypeVar("Cell", bound=Hashable)


@dataclass(frozen=True)
class Relation(Generic[Cell]):
    """Parts that add up to a total; each is the key of a count."""

    total: Cell
    parts: tuple[Cell, ...]


def suppressed(
    counts: Mapping[Cell, int],
    relations: Sequence[Relation[Cell]],
    rules: Rules,
    *,
    least: int | None = None,
    others: Iterable[Cell] = (),
    kept: Iterable[Cell] = (),
) -> frozenset[Cell]:
    """Return the cells to hide.

    Parameters
    ----------
    counts
        Count by cell, every one that is shown anywhere.
    relations
        Sums that a reader can form. Cells may stand in several, at several levels.
    rules
        The least numbers; zeros are shown.
    least
        The least count that is shown, if not `rules.minimum_count`.
    others
        Cells to hide for another reason than their count.
    kept
        Cells to show if any others can be hidden instead.

    Returns
    -------
    frozenset
        The small counts and `others`, and what keeps them from being derived.
    """
    least = rules.minimum_count if least is None else least
    keys = list(counts)
    place = {key: number for number, key in enumerate(keys)}
    apart, shown_last = frozenset(others), frozenset(kept)
    count = np.array([counts[key] for key in keys], dtype=np.int64)
    is_apart = np.array([key in apart for key in keys], dtype=np.bool_)
    entries = [
        (number, place[key], sign)
        for number, relation in enumerate(relations)
        for key, sign in (*((part, 1) for part in relation.parts), (relation.total, -1))
    ]
    entry_sum, entry_cell, entry_sign = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    none = np.zeros(len(keys), dtype=np.bool_)
    pattern = hide(
        Cells(
            counts=count,
            # that a zero stands there is known of it, hidden or not
            is_primary=(count > 0) & (is_apart | (count < least)),
            is_rounded=none,
            entry_sum=entry_sum,
            entry_cell=entry_cell,
            entry_sign=entry_sign,
            at_most=np.empty((0, 2), dtype=np.int64),
            is_known=none,
            is_kept=np.array([key in shown_last for key in keys], dtype=np.bool_),
        ),
        rules,
    )
    hidden = np.flatnonzero(pattern.is_hidden | is_apart)
    return frozenset(keys[number] for number in hidden.tolist())
