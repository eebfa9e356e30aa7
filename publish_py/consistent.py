"""What the site of a release shows, held to the tables beside it.

A count that is rounded or hidden in one place and exact in another is neither rounded nor
hidden. Rates of authorities and of England are therefore those of the released tables, and
England's counts in the study's tables and figures are rounded like theirs, with every rate and
share that would tell the count behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from publish_py.protect import ENGLAND, Protected, ProtectedCell, ProtectedRows
from publish_py.rules import Rules
from publish_py.source import SiteData

Row = Mapping[str, Any]
Key = tuple[str, str, str, str, str]
_KEY = ("area_code", "measure", "timing", "stratum_type", "stratum")
_NOT_PUBLISHED = Protected(None, is_suppressed=True, reason="not published for this area")
_OF_RATIOS = ("5", "6")
#: Statistics of the tables: counts; what is in proportion to the row's count; other shares.
_COUNTS = {
    *("n", "n_yes", "n_no", "n_children", "n_matched", "children_referred"),
    *("referrals_text", "cin_episodes_text", "cp_plans_text"),
}
_OF_COUNT = {"rate_per_10k", "n_pct"}
_SHARES = {
    *("pct_yes", "pct_no", "match_rate_pct", "match_rate_5_15_pct", "match_rate_white_pct"),
    *("pct_yes_text", "cin_rate_per_10k", "cp_plan_rate_per_10k"),
    *("referral_rate_rural", "referral_rate_urban"),
}


def consistent(data: SiteData, published: Mapping[str, pa.Table], rules: Rules) -> SiteData:
    """Return what the site shows with the counts of the released tables.

    Parameters
    ----------
    published
        Tables of the release: `rates_la` and `rates_england` are looked at.
    """
    released = _released(data.census_year, published)
    hidden = hidden_keys(data.census_year, published)
    return replace(
        data,
        la_rates=tuple(_rate(row, released.get(_site_key(row))) for row in data.la_rates),
        cells=_cells(data.cells, rules.england_rounding),
        points=_points(data.points, hidden, rules.england_rounding),
    )


def hidden_keys(census_year: int, published: Mapping[str, pa.Table]) -> frozenset[Key]:
    """Return which counts of authorities and of England the released tables hide in a year."""
    released = _released(census_year, published)
    return frozenset(key for key, row in released.items() if row["is_suppressed"])


def _released(census_year: int, published: Mapping[str, pa.Table]) -> dict[Key, Row]:
    found: dict[Key, Row] = {}
    for name in ("rates_la", "rates_england"):
        for row in published[name].to_pylist():
            if row["basis"] == "episode" and row["census_year"] == census_year:
                _, *rest = (row[column] for column in _KEY)
                area = ENGLAND if name == "rates_england" else row["area_code"]
                measure, timing, stratum_type, stratum = rest
                found[area, measure, timing, stratum_type, stratum] = row
    return found


def _site_key(row: Row) -> Key:
    return (row["area"], row["measure"], row["timing"], row["stratum_type"], row["stratum"])


def _rate(row: Row, released: Row | None) -> dict[str, Any]:
    """Return a rate of the site as the released tables have it."""
    if released is None:
        return dict(row) | {"count": _NOT_PUBLISHED, "rate": _NOT_PUBLISHED}
    if released["is_suppressed"]:
        hidden = row["count"].reason or "withheld in the released tables"
        withheld = Protected(None, is_suppressed=True, reason=hidden)
        return dict(row) | {"count": withheld, "rate": withheld}
    limits = (released.get("ci_low"), released.get("ci_high"))
    if row["area"] == ENGLAND:
        limits = (None, None)  # the site shows none
    return dict(row) | {
        "count": Protected(float(released["count"])),
        "rate": Protected(released["rate_per_10k"], *limits),
    }


def _cells(cells: tuple[ProtectedCell, ...], base: int) -> tuple[ProtectedCell, ...]:
    """Round the counts of tables, and what would tell them."""
    counts = {
        (cell.table_no, cell.row_label): cell.estimate.value
        for cell in cells
        if cell.statistic == "n"
    }
    return tuple(
        replace(cell, estimate=_cell(cell, counts.get((cell.table_no, cell.row_label)), base))
        for cell in cells
    )


def _cell(cell: ProtectedCell, count: float | None, base: int) -> Protected:
    own = cell.estimate
    if cell.statistic in _COUNTS:
        return replace(own, value=_rounded(own.value, base))
    if cell.statistic in _SHARES or (cell.statistic in _OF_COUNT and not count):
        return replace(own, value=_scaled(own.value, 1.0))
    if cell.statistic not in _OF_COUNT or not count:
        return own
    factor = float(_rounded(count, base) or 0.0) / count
    return replace(
        own,
        value=_scaled(own.value, factor),
        ci_low=_scaled(own.ci_low, factor),
        ci_high=_scaled(own.ci_high, factor),
    )


def _points(points: ProtectedRows, hidden: frozenset[Key], base: int) -> ProtectedRows:
    """Leave points of hidden rates out, and draw the others at the rates of rounded counts."""
    kept = [
        _point(row, base)
        for row in points.rows
        if row["figure_no"] != "3"
        or (row["place"], row["measure"], "incidence", "all", "all") not in hidden
    ]
    return ProtectedRows(tuple(kept), points.n_withheld + len(points.rows) - len(kept))


def _point(row: Row, base: int) -> Row:
    is_national = row["place"] == "all" or row["place"].isdigit()
    if row["figure_no"] in _OF_RATIOS or not is_national or not row["population"] or not row["y"]:
        return row
    count = row["y"] * row["population"] / 10_000
    factor = float(_rounded(count, base) or 0.0) / count
    return dict(row) | {name: _scaled(row[name], factor) for name in ("y", "ci_low", "ci_high")}


def _rounded(count: float | None, base: int) -> float | None:
    return None if count is None else float(base * int((2 * round(count) + base) // (2 * base)))


def _scaled(value: float | None, factor: float) -> float | None:
    """Return a rate or share of the rounded count, to one decimal: no more than it says."""
    return None if value is None else round(value * factor, 1)
