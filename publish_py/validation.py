"""The rules that returns break, as counts that may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from publish_py.protect import ENGLAND, Protected, is_small, protect_count
from publish_py.rules import Rules

_COUNTS = ("n_issues", "n_children")


def protect_validation(
    found: Sequence[Mapping[str, Any]], rules: Rules
) -> tuple[dict[str, Any], ...]:
    """Round what may be shown, and put a row with few children or issues out of sight.

    Issues and children of one row tell of each other, and a rate with its population tells the
    count: where one is small all are withheld. A rate of single authorities is not shown, nor
    that of a rule on whole returns, which is about no child.

    Parameters
    ----------
    found
        Rows of `sql/validation.sql`.
    rules
        The least numbers.

    Returns
    -------
    tuple of dict
        The rows with `n_issues`, `n_children` and `children_per_1k` as `Protected`.
    """
    return tuple(_row(row, rules) for row in found)


def _row(row: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    small = [row[name] for name in _COUNTS if is_small(row[name], rules)]
    if small:
        withheld = protect_count(small[0], rules)
        return {**row, **dict.fromkeys((*_COUNTS, "children_per_1k"), withheld)}
    shown = {name: protect_count(row[name], rules) for name in _COUNTS}
    if row["area"] == ENGLAND and row["n_children"]:
        rate = Protected(row["children_per_1k"])
    else:
        rate = Protected(None)
    return {**row, **shown, "children_per_1k": rate}


def validation_words(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the quality page says: England by rule, and the rules of each authority."""
    england = [row for row in rows if row["area"] == ENGLAND]
    areas: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["area"] != ENGLAND:
            areas.setdefault(row["area"], []).append(row)
    return {"england": england, "areas": dict(sorted(areas.items()))}
