"""Disclosure control, first stage: what is rendered is built here, and nowhere else.

Primary suppression of small counts and of every value that gives one away in its own row,
rounding of England's process counts, and least numbers behind figure points and models.
Suppressed is NULL with a reason, never 0. Secondary suppression against subtraction through
totals belongs to a release, so counts of single authorities are not rendered at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from common_py.errors import CinError

PROTECTION_FILE = Path(__file__).with_name("protection.yml")
COUNTED_FROM_N = ("n", "n_pct", "rate_per_10k")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Rules:
    """The least numbers of `protection.yml`, and why."""

    minimum_count: int
    england_rounding: int
    minimum_model_events: int
    minimum_bin_lsoas: int
    minimum_bin_events: int
    minimum_la_events: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Protected:
    """A value that may be shown, or None with the reason why not."""

    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    is_suppressed: bool = False
    reason: str = ""


@dataclass(frozen=True)
class ProtectedCell:
    """One printed cell: ours protected, and the public values beside it."""

    table_no: str
    row_label: str
    statistic: str
    estimate: Protected
    published: float | None
    published_low: float | None
    published_high: float | None
    planted: float | None


@dataclass(frozen=True)
class ProtectedRows:
    """Rows that may be shown, and how many were taken out."""

    rows: tuple[Mapping[str, Any], ...]
    n_withheld: int


def load_rules(file: Path = PROTECTION_FILE) -> Rules:
    """Read the rules.

    Raises
    ------
    CinError
        If a rule is missing, has no reason or is not a whole number of at least 1.
    """
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    names = [name for name in Rules.__dataclass_fields__ if name != "why"]
    for name in names:
        rule = content.get(name) or {}
        value = rule.get("value")
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise CinError(
                "a protection rule is not a whole number of at least 1",
                file=file.name,
                place=name,
                remedy=f"give {name} a `value` and a `why`",
            )
    return Rules(
        **{name: content[name]["value"] for name in names},
        why=tuple(str(content[name]["why"]) for name in names),
    )


def is_small(count: float | None, rules: Rules) -> bool:
    """Return whether a count is above zero and below the least count that is shown."""
    return count is not None and 0 < count < rules.minimum_count


def protect_cells(found: Sequence[Row], rules: Rules) -> tuple[ProtectedCell, ...]:
    """Protect a run's cells: a row's small count takes its share and rate with it."""
    small = {
        (row["table_no"], row["row_label"])
        for row in found
        if is_small(row["value"] if row["statistic"] == "n" else row["n_events"], rules)
    }
    return tuple(
        ProtectedCell(
            table_no=row["table_no"],
            row_label=row["row_label"],
            statistic=row["statistic"],
            estimate=_cell(row, (row["table_no"], row["row_label"]) in small, rules),
            published=row["published_value"],
            published_low=row["published_low"],
            published_high=row["published_high"],
            planted=row["planted_value"],
        )
        for row in found
    )


def _cell(row: Row, small: bool, rules: Rules) -> Protected:
    if row["statistic"] in COUNTED_FROM_N:
        if small:
            return _withheld(f"primary: a count of 1 to {rules.minimum_count - 1}")
        return Protected(row["value"])
    if row["statistic"].startswith("population"):
        return Protected(row["value"])
    if 0 < row["n_events"] < rules.minimum_model_events:
        return _withheld(f"primary: a model on fewer than {rules.minimum_model_events} events")
    if not row["converged"]:
        return Protected(None, reason=f"no estimate: {row['reason']}")
    return Protected(
        row["value"], row["ci_low"], row["ci_high"], row["p_value"], reason=row["reason"]
    )


def _withheld(reason: str) -> Protected:
    return Protected(None, is_suppressed=True, reason=reason)


def protect_bins(found: Sequence[Row], rules: Rules) -> ProtectedRows:
    """Keep the bands of Figure 2 with enough neighbourhoods and events, without counts."""
    kept = [
        row
        for row in found
        if row["n_lsoas"] >= rules.minimum_bin_lsoas and row["n_events"] >= rules.minimum_bin_events
    ]
    return _without(kept, ("n_events",), len(found))


def protect_gradients(found: Sequence[Row], rules: Rules) -> ProtectedRows:
    """Keep the authorities whose own gradient rests on enough events, without counts."""
    kept = [row for row in found if row["converged"] and row["n_events"] >= rules.minimum_la_events]
    return _without(kept, ("n_events", "converged", "reason"), len(found))


def _without(kept: Sequence[Row], hidden: Sequence[str], n_found: int) -> ProtectedRows:
    rows = tuple({key: row[key] for key in row if key not in hidden} for row in kept)
    return ProtectedRows(rows, n_found - len(rows))


def protect_counts(
    found: Sequence[Row], counts: Sequence[str], rules: Rules
) -> tuple[dict[str, Any], ...]:
    """Round England's process counts, and put a small one out of sight.

    Returns
    -------
    The rows with each named count as a `Protected`.
    """
    return tuple(
        {key: protect_count(row[key], rules) if key in counts else row[key] for key in row}
        for row in found
    )


def protect_count(count: float | None, rules: Rules) -> Protected:
    """Suppress a small count, and round any other to England's rounding."""
    if is_small(count, rules):
        return _withheld(f"primary: a count of 1 to {rules.minimum_count - 1}")
    if count is None:
        return Protected(None)
    base = rules.england_rounding
    return Protected(float(base * round(count / base)), reason=f"rounded to {base}")


def protect_matches(found: Sequence[Row], rules: Rules) -> tuple[dict[str, Any], ...]:
    """Withhold the match rate of a group with few children, matched or unmatched.

    A single authority's number of children is never shown.
    """
    shown = []
    for row in found:
        parts = (row["n_children"], row["n_matched"], row["n_children"] - row["n_matched"])
        small = any(is_small(part, rules) for part in parts)
        rate = _withheld("primary: few children") if small else Protected(row["match_pct"])
        children = (
            Protected(None) if row["breakdown"] == "la" else protect_count(row["n_children"], rules)
        )
        shown.append(
            {
                "breakdown": row["breakdown"],
                "category": row["category"],
                "n_children": children,
                "match_pct": rate,
            }
        )
    return tuple(shown)
