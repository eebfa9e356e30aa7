"""What an intruder knows of the counts of a release: limits of each, and what holds between them.

Made from published tables and public facts alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array
from scipy.special import gammaincinv

from publish_py.rules import Rules
from publish_py.solutions import Flags, System

ALL = ("all", "all")
CROSSED = "income_decile_rural_urban"
# a person's age is that at the first event of each measure, so it may differ between two
NOT_FIXED = "age"
LEVEL = 0.95

Cell = tuple[Any, ...]  # census_year, area_code, measure, basis, timing, stratum_type, stratum
Row = dict[str, Any]


@dataclass(frozen=True)
class Knowledge:
    """Everything that can be reckoned with.

    Attributes
    ----------
    system
        Limits of the counts and their relations.
    is_asked
        Which of them are suppressed, shape (n,).
    names
        Table and key of each.
    shown
        What should not stand in a table: kind, and table and key.
    """

    system: System
    is_asked: Flags
    names: list[tuple[object, ...]]
    shown: list[tuple[str, tuple[object, ...]]]


@dataclass
class _Facts:
    """Counts and relations, gathered one release after the other."""

    names: list[tuple[object, ...]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    is_asked: list[bool] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    sign: list[float] = field(default_factory=list)
    row_low: list[float] = field(default_factory=list)

    def count(self, name: tuple[object, ...], low: float, high: float, asked: bool) -> int:
        """Add a count; return its place."""
        self.names.append(name)
        self.low.append(low)
        self.high.append(high)
        self.is_asked.append(asked)
        return len(self.names) - 1

    def relation(self, total: int, parts: list[int], least: float) -> None:
        """Add: the parts less the total are at most 0, and at least `least`."""
        for place, sign in [*((part, 1.0) for part in parts), (total, -1.0)]:
            self.row.append(len(self.row_low))
            self.column.append(place)
            self.sign.append(sign)
        self.row_low.append(least)


def learn(
    tables: Mapping[str, pa.Table], rules: Rules, previous: Mapping[str, pa.Table] | None = None
) -> Knowledge:
    """Gather what the tables of a release, and of the one before, say."""
    facts = _Facts()
    shown: list[tuple[str, tuple[object, ...]]] = []
    now = dict(_rows(tables))
    limits = {cell: _limits(row, rules) for cell, row in now.items()}
    places = {}
    for cell, row in now.items():
        name = (row["table"], *cell)
        shown += [(kind, name) for kind in _wrongly_shown(row, rules)]
        places[cell] = facts.count(name, *limits[cell], row["is_suppressed"])
    _relate(now, places, facts)
    if previous is not None:
        _add_release_before(dict(_rows(previous)), limits, places, facts, rules)
    matrix = csr_array(
        (facts.sign, (facts.row, facts.column)), shape=(len(facts.row_low), len(facts.names))
    )
    return Knowledge(
        System(
            np.array(facts.low),
            np.array(facts.high),
            matrix,
            np.array(facts.row_low),
            np.zeros(len(facts.row_low)),
        ),
        np.array(facts.is_asked, dtype=np.bool_),
        facts.names,
        shown,
    )


def _rows(tables: Mapping[str, pa.Table]) -> Iterator[tuple[Cell, Row]]:
    for name in sorted(tables):
        fitting = _limits_fit(tables[name]).tolist()
        for row, limits_fit in zip(tables[name].to_pylist(), fitting, strict=True):
            cell = (
                row["census_year"],
                row["area_code"],
                row["measure"],
                row["basis"],
                row["timing"],
                row["stratum_type"],
                row["stratum"],
            )
            yield cell, row | {"table": name, "limits_fit": limits_fit}


def _limits(row: Row, rules: Rules) -> tuple[float, float]:
    """Return what one row by itself says of its count."""
    count = row["count"]
    if count is None:
        return _by_rate(row, 1.0, np.inf) if row["rate_per_10k"] is not None else (1.0, np.inf)
    if row["reason"] != "rounded":
        return float(count), float(count)
    base = rules.england_rounding
    low = max(count - base // 2, rules.minimum_count)
    high = count + (base - 1) // 2
    return _by_rate(row, float(low), float(high)) if _says_more(row) else (float(low), float(high))


def _by_rate(row: Row, low: float, high: float) -> tuple[float, float]:
    """Narrow limits by a printed rate (to one decimal) times its population."""
    if row["rate_per_10k"] is None or not row["denominator"]:
        return low, high
    events, slack = (value * row["denominator"] / 1e4 for value in (row["rate_per_10k"], 0.05))
    return max(low, float(np.ceil(events - slack))), min(high, float(np.floor(events + slack)))


def _says_more(row: Row) -> bool:
    """Whether a rate is not that of the rounded count that is shown with it."""
    if row["rate_per_10k"] is None or not row["denominator"]:
        return False
    per = 1e4 / row["denominator"]
    return bool(abs(row["rate_per_10k"] - row["count"] * per) > 0.05 + 1e-6)


def _wrongly_shown(row: Row, rules: Rules) -> Iterator[str]:
    """Yield the kinds of what a row shows and should not."""
    numbers = (row["count"], row["rate_per_10k"], row["ci_low"], row["ci_high"])
    if row["is_suppressed"]:
        if any(value is not None for value in numbers):
            yield "shown"
        return
    if row["count"] is None or 0 < row["count"] < rules.minimum_count:
        yield "shown"
    elif _says_more(row) or not row["limits_fit"]:
        yield "rate"


def _limits_fit(table: pa.Table) -> Flags:
    """Return of each row whether the limits printed, if any, are those of the count printed."""
    count, denominator, printed_low, printed_high = (
        np.asarray(table.column(name).cast(pa.float64()).to_numpy(), dtype=np.float64)
        for name in ("count", "denominator", "ci_low", "ci_high")
    )
    is_printed = ~np.isnan(printed_high) & (denominator > 0)
    per, tail = 1e4 / np.where(is_printed, denominator, np.nan), (1 - LEVEL) / 2
    high = gammaincinv(count + 1, 1 - tail) * per
    low = np.where(count > 0, gammaincinv(np.maximum(count, 1), tail), 0.0) * per
    away = np.maximum(np.abs(printed_high - high), np.abs(printed_low - low))
    return np.asarray(~is_printed | (away < 0.05 + 1e-6))


def _relate(rows: Mapping[Cell, Row], places: Mapping[Cell, int], facts: _Facts) -> None:
    """Add what holds between the counts of one release."""
    sums: dict[tuple[str, Cell], list[int]] = {}
    for cell, row in rows.items():
        for kind, total in _totals(cell, row):
            if total in places:
                sums.setdefault((kind, total), []).append(places[cell])
        for larger in _larger(cell):
            if larger in places:
                facts.relation(places[larger], [places[cell]], -np.inf)
    for (_, total), parts in sums.items():
        facts.relation(places[total], parts, 0.0)


def _totals(cell: Cell, row: Row) -> Iterator[tuple[str, Cell]]:
    """Yield the totals of which a count is a part, by the kind of the sum."""
    year, area, *event, stratum_type, stratum = cell
    if row["parent_code"] is not None:
        yield "areas", (year, row["parent_code"], *event, stratum_type, stratum)
    if stratum_type == CROSSED:
        decile, rural_urban = stratum.split(" ")
        yield "rural_urban", (year, area, *event, "income_decile", decile)
        yield "deciles", (year, area, *event, "rural_urban", rural_urban)
    elif row["is_partition"] and (stratum_type, stratum) != ALL:
        yield stratum_type, (year, area, *event, *ALL)


def _larger(cell: Cell) -> Iterator[Cell]:
    """Yield the counts that a count cannot exceed."""
    year, area, measure, basis, timing, stratum_type, stratum = cell
    if basis == "person":
        yield (year, area, measure, "episode", timing, stratum_type, stratum)
    is_comparable = basis == "episode" or stratum_type != NOT_FIXED
    if measure == "cin" and timing == "incidence" and is_comparable:
        yield (year, area, "referral", basis, timing, stratum_type, stratum)
    if stratum_type == "factor":
        wider = ALL if stratum == "any" else ("factor", "any")
        yield (year, area, measure, basis, timing, *wider)


def _add_release_before(
    before: Mapping[Cell, Row],
    limits: Mapping[Cell, tuple[float, float]],
    places: Mapping[Cell, int],
    facts: _Facts,
    rules: Rules,
) -> None:
    """Add the release before: counts that were not revised are the same unknowns."""
    then = {cell: _limits(row, rules) for cell, row in before.items()}
    revised = {
        cell[:5]
        for cell, (low, high) in then.items()
        if cell in limits and (low > limits[cell][1] or high < limits[cell][0])
    }
    own = {}
    for cell, row in before.items():
        low, high = then[cell]
        place = places.get(cell)
        if place is None or cell[:5] in revised:
            name = ("the release before", row["table"], *cell)
            own[cell] = facts.count(name, low, high, row["is_suppressed"])
        else:
            own[cell] = place
            facts.low[place] = max(facts.low[place], low)
            facts.high[place] = min(facts.high[place], high)
    _relate(before, own, facts)
