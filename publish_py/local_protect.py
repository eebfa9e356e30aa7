"""What may be seen of one authority and of areas within it, decided together.

Areas of one kind add up to the authority, and so do tenths of deprivation; an area that lies in
another, less than the whole of it, gives the rest away by subtraction. So the rest is a count like
any other: where it is small, or stands for few neighbourhoods, one of those that it can be reckoned
from is hidden. Sexes are rounded instead: nearly every authority has a few children of unknown
sex, who could only be hidden by hiding one of the sexes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from analysis_py.figures import exact_limits
from publish_py.protect import Protected, is_on_few, is_small
from publish_py.rounding import rounded
from publish_py.rules import Rules
from publish_py.suppress import Relation, suppressed

Row = Mapping[str, Any]
Area = tuple[int, str, str]
"""Census year, kind and name of an area; the authority is ('la', 'la')."""
Cell = tuple[str, str, str, str]
"""Measure, timing, stratum type and stratum."""
Key = tuple[Area, Cell]

ALL = ("all", "all")
SEX = "sex"
DECILES = "income_decile"
_REST = "rest of"


def key_of(row: Row) -> Key:
    """Return the area and the cell of a row."""
    area = (int(row["census_year"]), row["area_type"], row["area"])
    return area, (row["measure"], row["timing"], row["stratum_type"], row["stratum"])


def hidden_counts(found: Sequence[Row], overlaps: Sequence[Row], rules: Rules) -> frozenset[Key]:
    """Return which counts of the authority, and of areas within it, are hidden.

    Parameters
    ----------
    found
        Rows of `local_rates.sql` and `local_places.sql` together.
    overlaps
        Rows of `local_overlaps.sql`.
    rules
        The least numbers.
    """
    counts = {key_of(row): int(row["numerator"]) for row in found}
    few = {key_of(row) for row in found if row["area_type"] != "la" and _stands_for_few(row, rules)}
    relations = list(_strata_sums(found))
    for total, parts, n_lsoas in _nested(overlaps):
        rest = (total[0], f"{_REST} {total[1]}", f"{total[2]} outside {parts[0][1]}")
        for cell in sorted({cell for area, cell in counts if area == total}):
            inside = [(area, cell) for area in parts]
            if not all(one in counts for one in inside) or cell[2] == SEX:
                continue
            if n_lsoas:
                counts[rest, cell] = counts[total, cell] - sum(counts[one] for one in inside)
                inside.append((rest, cell))
                if n_lsoas < rules.minimum_la_lsoas:
                    few.add((rest, cell))
            relations.append(Relation((total, cell), tuple(inside)))
    return suppressed(counts, relations, rules, others=few)


def _stands_for_few(row: Row, rules: Rules) -> bool:
    """Whether a count of an area stands for few neighbourhoods or children, or nearly for one."""
    if row["n_lsoas"] < rules.minimum_la_lsoas:
        return True
    if row["denominator"] is not None and row["denominator"] < rules.minimum_children:
        return True
    return bool(100 * row["largest_lsoa"] > rules.largest_lsoa_pct * row["numerator"] > 0)


def _strata_sums(found: Sequence[Row]) -> Iterator[Relation[Key]]:
    """Return the sums of strata that partition, sexes apart, within each area."""
    parts: dict[tuple[Key, str], list[Key]] = {}
    keys = {key_of(row) for row in found}
    for row in found:
        area, cell = key_of(row)
        measure, timing, stratum_type, _ = cell
        if row["is_partition"] and stratum_type not in ("all", SEX):
            total = (area, (measure, timing, *ALL))
            parts.setdefault((total, stratum_type), []).append((area, cell))
    for (total, _), members in parts.items():
        if total in keys:
            yield Relation(total, tuple(members))


def _nested(overlaps: Sequence[Row]) -> Iterator[tuple[Area, list[Area], int]]:
    """Return, for each area, the areas of another kind that lie in it, and the LSOAs left over."""
    inside: dict[tuple[Area, str], list[tuple[Area, int]]] = {}
    sizes: dict[Area, int] = {}
    for row in overlaps:
        year = int(row["census_year"])
        own = (year, row["area_type"], row["area"])
        other = (year, row["other_type"], row["other_area"])
        sizes[own] = int(row["n_lsoas"])
        if row["n_common"] == row["n_lsoas"]:
            inside.setdefault((other, own[1]), []).append((own, int(row["n_lsoas"])))
            sizes[other] = int(row["other_n_lsoas"])
    for (total, kind), members in inside.items():
        if kind != "la":
            yield (
                total,
                [area for area, _ in members],
                sizes[total] - sum(size for _, size in members),
            )


def protected_rates(
    found: Iterable[Row], hidden: frozenset[Key], rules: Rules, alpha: float
) -> tuple[dict[str, Any], ...]:
    """Return the rows with `count` and `rate` as `Protected`; children of unknown sex in none.

    A hidden count takes its rate and interval with it: the population is public.
    """
    shown = []
    for row in found:
        if row["stratum_type"] == SEX and row["is_unknown"]:
            continue
        kept = {name: row[name] for name in row if name not in _NUMBERS}
        count, rate = _numbers(row, key_of(row) in hidden, rules, alpha)
        shown.append(kept | {"count": count, "rate": rate})
    return tuple(shown)


_NUMBERS = ("numerator", "rate_per_10k", "ci_low", "ci_high", "largest_lsoa")


def _numbers(row: Row, is_hidden: bool, rules: Rules, alpha: float) -> tuple[Protected, Protected]:
    if is_hidden:
        return withheld(why_hidden(row, rules)), withheld(why_hidden(row, rules))
    count, reason = float(row["numerator"]), ""
    if row["stratum_type"] == SEX and count:
        count = float(rounded([int(count)], rules.england_rounding)[0])
        reason = f"rounded to {rules.england_rounding}"
    population = row["denominator"]
    if not population:
        return Protected(count, reason=reason), Protected(None)
    low, high = exact_limits(int(count), float(population), alpha)
    return Protected(count, reason=reason), Protected(1e4 * count / population, low, high)


def why_hidden(row: Row, rules: Rules) -> str:
    """Return why a count is not shown: what anybody may know of it."""
    if row["area_type"] != "la" and row["n_lsoas"] < rules.minimum_la_lsoas:
        return f"stands for fewer than {rules.minimum_la_lsoas} neighbourhoods"
    largest = rules.minimum_count - 1
    return f"a count of 1 to {largest}, or one that would give such a count away"


def withheld(reason: str) -> Protected:
    """Return a value that is not shown."""
    return Protected(None, is_suppressed=True, reason=reason)


def protected_gradient(row: Row, rules: Rules) -> dict[str, Any]:
    """Return a row of `local_gradients.sql` with its gradients protected, without its count."""
    kept = {name: row[name] for name in row if name not in _GRADIENT}
    few = _too_few(row, rules)
    if few:
        return kept | {
            "relative": Protected(None, reason=few),
            "absolute": Protected(None, reason=few),
        }
    return kept | {
        "relative": Protected(row["irr"], row["ci_low"], row["ci_high"], reason=row["reason"]),
        "absolute": Protected(
            row["slope"], row["slope_low"], row["slope_high"], reason=row["slope_reason"] or ""
        ),
    }


_GRADIENT = (
    *("n_events", "irr", "ci_low", "ci_high", "reason"),
    *("slope", "slope_low", "slope_high", "slope_reason"),
)


def _too_few(row: Row, rules: Rules) -> str:
    if row["n_lsoas"] < rules.minimum_bin_lsoas:
        return f"fewer than {rules.minimum_bin_lsoas} neighbourhoods"
    if row["n_events"] < rules.minimum_la_events:
        return f"fewer than {rules.minimum_la_events} events"
    return ""


def protected_outcome(row: Row, rules: Rules) -> dict[str, Any]:
    """Return a row of `local_outcomes.sql` with share and odds ratio protected, without counts."""
    kept = {name: row[name] for name in row if name not in _OUTCOME}
    n_events, n_trials = int(row["n_events"]), int(row["n_trials"])
    if is_small(n_events, rules) or is_small(n_trials - n_events, rules):
        return kept | {
            "share": withheld("few children, or nearly all of them"),
            "ratio": withheld("few children, or nearly all of them"),
        }
    share = Protected(row["pct"], row["pct_low"], row["pct_high"], reason=row["pct_reason"])
    if is_on_few(n_events, n_trials, rules):
        few = f"fewer than {rules.minimum_model_events} with the outcome, or without it"
        return kept | {"share": share, "ratio": Protected(None, reason=few)}
    ratio = Protected(row["ratio"], row["ratio_low"], row["ratio_high"], reason=row["ratio_reason"])
    return kept | {"share": share, "ratio": ratio}


_OUTCOME = (
    *("n_events", "n_trials", "pct", "pct_low", "pct_high", "pct_reason"),
    *("ratio", "ratio_low", "ratio_high", "ratio_reason"),
)
