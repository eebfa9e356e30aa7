"""England's counts as they are shown: rounded, and with them every rate that would tell one.

A count that is rounded in one place and exact in another is not rounded: tables, figures and
rates of a site and of a release are therefore held to the same rounding, here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from publish_py.protect import ENGLAND, Protected, ProtectedCell, ProtectedRows
from publish_py.rounding import rounded

Row = Mapping[str, Any]
_OF_RATIOS = ("5", "6")
_WITHIN = "4"  # rates of an authority's neighbourhoods of one deprivation
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


def rounded_rates(rates: Iterable[Row], base: int) -> tuple[dict[str, Any], ...]:
    """Round England's counts among protected rates of areas, and make its rates of them."""
    return tuple(_rate(row, base) if row["area"] == ENGLAND else dict(row) for row in rates)


def _rate(row: Row, base: int) -> dict[str, Any]:
    count, denominator = _rounded(row["count"].value, base), float(row["denominator"] or 0)
    if count is None:
        return dict(row)
    rate = round(10_000 * count / denominator, 1) if denominator else None
    return dict(row) | {"count": Protected(count), "rate": Protected(rate)}


def rounded_cells(cells: tuple[ProtectedCell, ...], base: int) -> tuple[ProtectedCell, ...]:
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


def rounded_points(points: ProtectedRows, base: int) -> ProtectedRows:
    """Draw points of England, and of parts of an authority, at the rates of rounded counts.

    Parts of an authority (its neighbourhoods by deprivation, Figure 4) are no cells of the
    released tables: less the counts of MSOAs, or taken from the authority's, an exact count
    would be that of a few LSOAs.
    """
    return ProtectedRows(tuple(_point(row, base) for row in points.rows), points.n_withheld)


def _point(row: Row, base: int) -> Row:
    is_sum = row["place"] == "all" or row["place"].isdigit() or row["figure_no"] == _WITHIN
    if row["figure_no"] in _OF_RATIOS or not is_sum or not row["population"] or not row["y"]:
        return row
    count = row["y"] * row["population"] / 10_000
    factor = float(_rounded(count, base) or 0.0) / count
    return dict(row) | {name: _scaled(row[name], factor) for name in ("y", "ci_low", "ci_high")}


def _rounded(count: float | None, base: int) -> float | None:
    return None if count is None else float(rounded([round(count)], base)[0])


def _scaled(value: float | None, factor: float) -> float | None:
    """Return a rate or share of the rounded count, to one decimal: no more than it says."""
    return None if value is None else round(value * factor, 1)
