"""Disclosure control: what is rendered is built here, and nowhere else.

Suppression of small counts, of every value that gives one away in its own row, and of the
counts that would give one away by subtraction (`suppress.py`); rounding of process counts;
least numbers behind figure points and models. Suppressed is NULL with a reason, never 0,
and the reason does not tell which of the hidden counts is the small one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from common_py.errors import CinError
from publish_py.suppress import Relation, suppressed

PROTECTION_FILE = Path(__file__).with_name("protection.yml")
COUNTED_FROM_N = ("n", "n_pct", "rate_per_10k")
ENGLAND = "England"

Row = Mapping[str, Any]
RateKey = tuple[str, str, str, str, str]


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


def protect_cells(
    found: Sequence[Row], rules: Rules, hidden: frozenset[RateKey] = frozenset()
) -> tuple[ProtectedCell, ...]:
    """Protect a run's cells: a row's hidden count takes its share and rate with it.

    Parameters
    ----------
    found
        Cells with the measure and stratum of their row.
    rules
        The least numbers.
    hidden
        Of `hidden_rates`: a count that the pages of authorities would give away, or that
        would give one of theirs away, is hidden in the tables too.
    """
    small = {
        (row["table_no"], row["row_label"])
        for row in found
        if is_small(row["value"] if row["statistic"] == "n" else row["n_events"], rules)
        or (ENGLAND, row["measure"], "incidence", row["stratum_type"], row["stratum"]) in hidden
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
            return _withheld(_count_reason(rules))
        return Protected(row["value"])
    if row["statistic"].startswith("population"):
        return Protected(row["value"])
    if 0 < row["n_events"] < rules.minimum_model_events:
        return _withheld(f"a model on fewer than {rules.minimum_model_events} events")
    if not row["converged"]:
        return Protected(None, reason=f"no estimate: {row['reason']}")
    return Protected(
        row["value"], row["ci_low"], row["ci_high"], row["p_value"], reason=row["reason"]
    )


def _withheld(reason: str) -> Protected:
    return Protected(None, is_suppressed=True, reason=reason)


def _count_reason(rules: Rules) -> str:
    return f"a count of 1 to {rules.minimum_count - 1}, or one that would give such a count away"


def hidden_rates(found: Sequence[Row], rules: Rules) -> frozenset[RateKey]:
    """Return which counts of authorities and of England are hidden.

    They are decided together: strata that partition add up to all children, and
    authorities add up to England.
    """
    counts = {_rate_key(row): int(row["numerator"]) for row in found}
    parts: dict[RateKey, dict[str, list[RateKey]]] = {}
    for row in found:
        key = area, measure, timing, stratum_type, stratum = _rate_key(row)
        if area != ENGLAND:
            total = (ENGLAND, measure, timing, stratum_type, stratum)
            parts.setdefault(total, {}).setdefault("authorities", []).append(key)
        if row["is_partition"] and stratum_type != "all":
            total = (area, measure, timing, "all", "all")
            parts.setdefault(total, {}).setdefault(stratum_type, []).append(key)
    relations = [
        Relation(total, tuple(members))
        for total, kinds in parts.items()
        if total in counts
        for members in kinds.values()
    ]
    return suppressed(counts, relations, rules.minimum_count)


def protect_rates(
    found: Sequence[Row], hidden: frozenset[RateKey], rules: Rules
) -> tuple[dict[str, Any], ...]:
    """Return the rates of areas, each with `count` and `rate` as a `Protected`.

    A hidden count takes its rate and interval with it: the population is public.
    """
    return tuple(
        {name: row[name] for name in row if name not in _RATE_NUMBERS}
        | (
            {"count": _withheld(_count_reason(rules)), "rate": _withheld(_count_reason(rules))}
            if _rate_key(row) in hidden
            else {
                "count": Protected(row["numerator"]),
                "rate": Protected(row["rate_per_10k"], row["ci_low"], row["ci_high"]),
            }
        )
        for row in found
    )


_RATE_NUMBERS = ("numerator", "rate_per_10k", "ci_low", "ci_high")


def _rate_key(row: Row) -> RateKey:
    return (row["area"], row["measure"], row["timing"], row["stratum_type"], row["stratum"])


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


def gradient_reasons(found: Sequence[Row], rules: Rules) -> dict[tuple[str, str], str]:
    """Return why an authority has no gradient of a measure that may be shown."""
    reasons = {}
    for row in found:
        if row["n_events"] < rules.minimum_la_events:
            reason = f"fewer than {rules.minimum_la_events} events"
            reasons[row["measure"], row["la_code"]] = reason
        elif not row["converged"]:
            reasons[row["measure"], row["la_code"]] = f"no estimate: {row['reason']}"
    return reasons


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
        return _withheld(_count_reason(rules))
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
        rate = _withheld("few children") if small else Protected(row["match_pct"])
        children = (
            Protected(None) if row["breakdown"] == "la" else protect_count(row["n_children"], rules)
        )
        shown.append(
            {
                "breakdown": row["breakdown"],
                "category": row["category"],
                "category_code": row["category_code"],
                "n_children": children,
                "match_pct": rate,
            }
        )
    return tuple(shown)
