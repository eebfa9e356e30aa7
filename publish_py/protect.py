"""Disclosure control: what is rendered is built here, and nowhere else.

Suppression of small counts, of every value that gives one away in its own row, and of the
counts that would give one away by subtraction (`suppress.py`); rounding of process counts;
least numbers behind figure points and models. Suppressed is NULL with a reason, never 0,
and the reason does not tell which of the hidden counts is the small one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from publish_py.rounding import rounded
from publish_py.rules import Rules
from publish_py.suppress import Relation, suppressed

COUNTED = ("total", "query")
MATCH_TABLE = "match"
TIMINGS = ("incidence", "prevalence")
ENGLAND = "England"

Row = Mapping[str, Any]
RateKey = tuple[str, str, str, str, str]
PointKey = tuple[str, str, str, str]


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
    is_counted: bool = False
    is_extrapolated: bool = False
    p_adjusted: float | None = None
    published_p: str = ""
    n_las: int | None = None


@dataclass(frozen=True)
class ProtectedRows:
    """Rows that may be shown, and how many were taken out."""

    rows: tuple[Mapping[str, Any], ...]
    n_withheld: int


def is_small(count: float | None, rules: Rules) -> bool:
    """Return whether a count is above zero and below the least count that is shown."""
    return count is not None and 0 < count < rules.minimum_count


def protect_cells(
    found: Sequence[Row],
    rules: Rules,
    hidden: frozenset[RateKey] = frozenset(),
    hidden_labels: frozenset[str] = frozenset(),
) -> tuple[ProtectedCell, ...]:
    """Protect a run's cells: a row's hidden count takes its shares and rates with it.

    Parameters
    ----------
    found
        Cells with the measure and stratum of their row, and the events behind each.
    rules
        The least numbers.
    hidden
        Of `hidden_rates`: a count that the pages of authorities would give away, or that
        would give one of theirs away, is hidden in the tables too.
    hidden_labels
        Of `hidden_matches`: rows of the match analysis.
    """
    small = {_row_key(row) for row in found if _is_hidden(row, rules, hidden)}
    small |= {(MATCH_TABLE, label) for label in hidden_labels}
    return tuple(
        ProtectedCell(
            table_no=row["table_no"],
            row_label=row["row_label"],
            statistic=row["statistic"],
            estimate=_cell(row, _row_key(row) in small, rules),
            published=row["published_value"],
            published_low=row["published_low"],
            published_high=row["published_high"],
            planted=row["planted_value"],
            is_counted=row["how"] in COUNTED,
            is_extrapolated=bool(row["is_extrapolated"]),
            p_adjusted=row["p_adjusted"],
            published_p=row["published_p"] or "",
            n_las=row["n_las"],
        )
        for row in found
    )


def _row_key(row: Row) -> tuple[str, str]:
    return row["table_no"], row["row_label"]


def _is_hidden(row: Row, rules: Rules, hidden: frozenset[RateKey]) -> bool:
    """Return whether a cell's row has a count that must not be shown."""
    counts = [row["value"] if row["statistic"] == "n" else row["n_events"]]
    if row["n_trials"] is not None:
        counts.append(row["n_trials"] - row["n_events"])
    strata = (row["stratum_type"], row["stratum"])
    keys = {(ENGLAND, row["measure"], timing, *strata) for timing in TIMINGS}
    return any(is_small(count, rules) for count in counts) or not keys.isdisjoint(hidden)


def _cell(row: Row, small: bool, rules: Rules) -> Protected:
    if row["how"] == "reference" or row["statistic"].startswith("population"):
        return Protected(row["value"])
    if small and row["how"] in (*COUNTED, "percent_times"):
        return _withheld(_count_reason(rules))
    if row["how"] in COUNTED:
        return Protected(row["value"], row["ci_low"], row["ci_high"], reason=row["reason"])
    if is_on_few(row["n_events"], row["n_trials"], rules):
        return _withheld(f"a model on fewer than {rules.minimum_model_events} events")
    if not row["converged"]:
        return Protected(None, reason=f"no estimate: {row['reason']}")
    return Protected(
        row["value"], row["ci_low"], row["ci_high"], row["p_value"], reason=row["reason"]
    )


def is_on_few(n_events: int, n_trials: int | None, rules: Rules) -> bool:
    """Return whether a model has few events, or few trials without one."""
    parts = [n_events] if n_trials is None else [n_events, n_trials - n_events]
    return any(0 < part < rules.minimum_model_events for part in parts)


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
    return suppressed(counts, relations, rules, kept=[key for key in counts if key[0] == ENGLAND])


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
    """Keep the bands of Figure 2 with enough neighbourhoods and events, without counts.

    Their rates are those of counts that are rounded as England's are.
    """
    base = rules.england_rounding
    kept = [
        dict(row)
        | {"rate_per_10k": round(row["rate_per_10k"] * _rounded(row, base) / row["n_events"], 1)}
        for row in found
        if row["n_lsoas"] >= rules.minimum_bin_lsoas and row["n_events"] >= rules.minimum_bin_events
    ]
    return _without(kept, ("n_events",), len(found))


def _rounded(row: Row, base: int) -> int:
    return int(rounded([round(row["n_events"])], base)[0])


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


def protect_points(found: Sequence[Row], hidden: frozenset[RateKey], rules: Rules) -> ProtectedRows:
    """Keep the points of figures that stand for enough neighbourhoods and events.

    Parameters
    ----------
    found
        Points of rates. Those of an authority have its code as place; those of a decile
        add up over deciles (place `all`) and over kinds of neighbourhood (series `all`).
    hidden
        Of `hidden_rates`: the rate of an authority is the same number wherever it stands.
    rules
        The least numbers.
    """
    counted = [row for row in found if row["n_events"] is not None]
    counts = {_point_key(row): int(row["n_events"]) for row in counted}
    few = {_point_key(row) for row in counted if _stands_for_few(row, hidden, rules)}
    sums = _point_sums(counted)
    out = suppressed(counts, sums, rules, least=rules.minimum_bin_events, others=few)
    kept = [row for row in found if row["n_events"] is None or _point_key(row) not in out]
    return _without(kept, ("n_events",), len(found))


def _point_key(row: Row) -> PointKey:
    return row["figure_no"], row["measure"], row["series"], row["place"]


def _stands_for_few(row: Row, hidden: frozenset[RateKey], rules: Rules) -> bool:
    is_hidden = (row["place"], row["measure"], "incidence", "all", "all") in hidden
    if row["figure_no"] == "3":
        return is_hidden
    is_decile = row["place"] == "all" or row["place"].isdigit()
    least = rules.minimum_bin_lsoas if is_decile else rules.minimum_la_lsoas
    return is_hidden or bool(row["n_areas"] < least)


def _point_sums(found: Sequence[Row]) -> list[Relation[PointKey]]:
    """Return what a reader can add up: series to all series, deciles to all deciles.

    The strata of an authority (Figure 4) leave two fifths of its neighbourhoods out, so
    they have no total of their own.
    """
    parts: dict[PointKey, dict[str, list[PointKey]]] = {}
    keys = {_point_key(row) for row in found}
    for key in sorted(keys):
        figure_no, measure, series, place = key
        if series != "all":
            total = (figure_no, measure, "all", place)
            parts.setdefault(total, {}).setdefault("series", []).append(key)
        if place.isdigit():
            total = (figure_no, measure, series, "all")
            parts.setdefault(total, {}).setdefault("places", []).append(key)
    return [
        Relation(total, tuple(members))
        for total, kinds in parts.items()
        if total in keys
        for members in kinds.values()
    ]


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
    return Protected(float(rounded([round(count)], base)[0]), reason=f"rounded to {base}")


def hidden_matches(found: Sequence[Row], rules: Rules) -> frozenset[str]:
    """Return the groups, by label, whose children, matched or unmatched, must be hidden.

    Groups of one breakdown add up to all children referred.
    """
    groups = [row for row in found if row["breakdown"] != "la"]
    hidden: set[str] = set()
    for count in (_all_children, _matched, _unmatched):
        counts = {(row["breakdown"], row["category"]): count(row) for row in groups}
        totals = [key for key in counts if key[0] == "all"]
        relations = [
            Relation(totals[0], tuple(key for key in counts if key[0] == breakdown))
            for breakdown in dict.fromkeys(key[0] for key in counts if key[0] != "all")
            if totals
        ]
        hidden |= {key[1] for key in suppressed(counts, relations, rules)}
    return frozenset(hidden)


def _all_children(row: Row) -> int:
    return int(row["n_children"])


def _matched(row: Row) -> int:
    return int(row["n_matched"])


def _unmatched(row: Row) -> int:
    return _all_children(row) - _matched(row)


def protect_matches(found: Sequence[Row], rules: Rules) -> tuple[dict[str, Any], ...]:
    """Withhold the match rate of a group with few children, matched or unmatched.

    A single authority's number of children is never shown.
    """
    hidden = hidden_matches(found, rules)
    shown = []
    for row in found:
        parts = (_all_children(row), _matched(row), _unmatched(row))
        small = any(is_small(part, rules) for part in parts)
        small = small or (row["breakdown"] != "la" and row["category"] in hidden)
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
