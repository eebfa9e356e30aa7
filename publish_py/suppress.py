"""Suppression of counts that add up: small ones, and what would give one away by subtraction.

A relation says that some counts sum to another. Where one part of a shown total is hidden, it
is the total less the rest; so at least two parts are hidden, with a sum that leaves a small
count every value from 1 to the least count but one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Cell = TypeVar("Cell", bound=Hashable)


@dataclass(frozen=True)
class Relation(Generic[Cell]):
    """Parts that add up to a total; each is the key of a count."""

    total: Cell
    parts: tuple[Cell, ...]


def suppressed(
    counts: Mapping[Cell, int],
    relations: Sequence[Relation[Cell]],
    least: int,
    others: Iterable[Cell] = (),
) -> frozenset[Cell]:
    """Return the cells to hide.

    Parameters
    ----------
    counts
        Count by cell, every one that is shown anywhere.
    relations
        Sums that a reader can form. Cells may stand in several, at several levels.
    least
        The least count that is shown; zeros are shown.
    others
        Cells to hide for another reason than their count.

    Returns
    -------
    frozenset
        The small counts (primary), and the smallest others that keep them from being
        derived from one relation (secondary). Adding a cell opens other relations
        again, so the relations are gone through until nothing changes.
    """
    hidden = {cell for cell, count in counts.items() if 0 < count < least} | set(others)
    # parts of a zero are known to be zero, whatever is hidden
    known = {part for one in relations if counts[one.total] == 0 for part in one.parts}
    by_cell: dict[Cell, list[int]] = {}
    for number, relation in enumerate(relations):
        for cell in (relation.total, *relation.parts):
            by_cell.setdefault(cell, []).append(number)
    open_relations = _touching(hidden, by_cell)
    while open_relations:
        relation = relations[open_relations.pop()]
        added = _partners(relation, counts, hidden, known, least)
        hidden |= added
        open_relations |= _touching(added, by_cell)
    return frozenset(hidden)


def _touching(cells: Iterable[Cell], by_cell: Mapping[Cell, Sequence[int]]) -> set[int]:
    return {number for cell in cells for number in by_cell.get(cell, ())}


def _partners(
    relation: Relation[Cell],
    counts: Mapping[Cell, int],
    hidden: set[Cell],
    known: set[Cell],
    least: int,
) -> set[Cell]:
    """Return the cells that must be hidden besides, for this relation to give nothing away."""
    inside = [part for part in relation.parts if part in hidden]
    if relation.total in hidden:
        return set() if inside else _next(relation, counts, hidden | known)
    added: set[Cell] = set()
    while inside and not _is_vague([counts[cell] for cell in inside], least):
        more = _next(relation, counts, hidden | known | added) or {relation.total}
        added |= more
        if relation.total in more:
            break
        inside += more
    return added


def _is_vague(hidden_counts: Sequence[int], least: int) -> bool:
    """Whether hidden counts of a known sum leave each the values 1 to `least` less one."""
    others = len(hidden_counts) - 1
    return others >= 1 and sum(hidden_counts) - others >= least - 1


def _next(relation: Relation[Cell], counts: Mapping[Cell, int], taken: set[Cell]) -> set[Cell]:
    """Return the smallest part that may still be hidden: of those above zero, else a zero."""
    shown = [part for part in relation.parts if part not in taken]
    if not shown:
        return set()
    return {min(shown, key=lambda part: (counts[part] == 0, counts[part]))}
