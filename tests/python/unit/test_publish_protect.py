"""Disclosure rules, first stage: nothing small, nothing that gives a small one away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis_py.settings import FitSettings
from common_py.errors import CinError
from publish_py.protect import ProtectedCell as Cell
from publish_py.protect import (
    protect_bins,
    protect_cells,
    protect_count,
    protect_gradients,
    protect_matches,
)
from publish_py.rounding import rounded
from publish_py.rules import load_rules
from publish_py.tables import INSIDE, OUTSIDE, REACHES, covers, mark

RULES = load_rules()


def _row(statistic: str, value: float | None, **changes: Any) -> dict[str, Any]:
    return {
        "table_no": "2",
        "row_label": "Referral",
        "statistic": statistic,
        "value": value,
        "ci_low": None,
        "ci_high": None,
        "p_value": None,
        "published_value": 1.62,
        "published_low": None,
        "published_high": None,
        "published_p": None,
        "n_las": None,
        "planted_value": None,
        "measure": "referral",
        "stratum_type": "all",
        "stratum": "all",
        "how": "total" if statistic in ("n", "n_pct", "rate_per_10k", "population") else "contrast",
        "n_trials": None,
        "p_adjusted": None,
        "is_extrapolated": False,
        "n_events": 1000,
        "converged": True,
        "reason": "",
    } | changes


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_a_small_count_takes_its_share_and_rate_with_it(count: int) -> None:
    rows = [
        _row("n", count, n_events=count),
        _row("n_pct", 0.1, n_events=count),
        _row("rate_per_10k", 1.0, n_events=count),
        _row("population", 5000.0, n_events=count),
        _row("irr", 1.5, n_events=count),
    ]
    found = {cell.statistic: cell.estimate for cell in protect_cells(rows, RULES)}
    for statistic in ("n", "n_pct", "rate_per_10k", "irr"):
        assert found[statistic].value is None
        assert found[statistic].is_suppressed
        assert "few" in found[statistic].reason or "a count of 1 to 5" in found[statistic].reason
    assert found["population"].value == 5000.0


@pytest.mark.parametrize("count", [0, 6, 7])
def test_zeros_and_six_are_shown(count: int) -> None:
    found = protect_cells([_row("n", count, n_events=count)], RULES)[0].estimate
    assert (found.value, found.is_suppressed) == (count, False)


def test_a_model_on_few_events_is_withheld() -> None:
    found = protect_cells([_row("irr", 1.5, n_events=9)], RULES)[0].estimate
    assert found.is_suppressed
    assert "fewer than 10 events" in found.reason


def test_a_failed_fit_is_not_called_suppressed() -> None:
    row = _row("irr", None, converged=False, reason="no events in this stratum")
    found = protect_cells([row], RULES)[0].estimate
    assert (found.value, found.is_suppressed) == (None, False)
    assert "no events" in found.reason


def test_figure_points_stand_for_enough_and_carry_no_count() -> None:
    rows = [
        {"band": 1, "n_lsoas": 10, "n_events": 10, "rate_per_10k": 1.0},
        {"band": 2, "n_lsoas": 9, "n_events": 100, "rate_per_10k": 1.0},
        {"band": 3, "n_lsoas": 100, "n_events": 9, "rate_per_10k": 1.0},
    ]
    found = protect_bins(rows, RULES)
    assert ([row["band"] for row in found.rows], found.n_withheld) == ([1], 2)
    assert "n_events" not in found.rows[0]


def test_an_authority_is_a_point_on_enough_events_only() -> None:
    rows = [
        {"la_code": "A", "n_events": 30, "converged": True, "reason": ""},
        {"la_code": "B", "n_events": 29, "converged": True, "reason": ""},
        {"la_code": "C", "n_events": 300, "converged": False, "reason": "why"},
    ]
    found = protect_gradients(rows, RULES)
    assert found.rows == ({"la_code": "A"},)
    assert found.n_withheld == 2


def test_process_counts_are_rounded_and_small_ones_withheld() -> None:
    assert protect_count(4, RULES).is_suppressed
    assert protect_count(0, RULES).value == 0
    assert protect_count(123456, RULES).value == 123460
    # halves upwards, as everywhere: one rounded down here and up there would be known
    assert protect_count(25, RULES).value == rounded([25], 10)[0] == 30


def test_few_unmatched_children_hide_the_match_rate() -> None:
    rows = [
        {"breakdown": "sex", "category": "a", "n_children": 100, "n_matched": 97, "match_pct": 97},
        {"breakdown": "la", "category": "b", "n_children": 100, "n_matched": 80, "match_pct": 80},
    ]
    rows = [row | {"category_code": row["category"]} for row in rows]
    few, authority = protect_matches(rows, RULES)
    assert few["match_pct"].is_suppressed
    assert authority["match_pct"].value == 80
    assert authority["n_children"].value is None


def test_a_rule_without_a_number_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "protection.csv"
    file.write_text("rule,value,why\nminimum_count,0,none\n", "utf-8")
    with pytest.raises(CinError, match="minimum_count"):
        load_rules(file)


def test_figures_and_fits_ask_for_the_same_events() -> None:
    """The line of Figures 5 and 6 is of the points that are shown."""
    assert FitSettings().minimum_la_events == RULES.minimum_la_events


def _cell(value: float, low: float | None = None, high: float | None = None, **more: Any) -> Cell:
    row = _row("irr", value, ci_low=low, ci_high=high, **more)
    return protect_cells([row], RULES)[0]


def test_the_mark_follows_printed_precision() -> None:
    assert mark(_cell(1.6249), "ratio") == INSIDE
    assert mark(_cell(1.626), "ratio") == OUTSIDE
    assert mark(_cell(1.626, 1.61, 1.64), "ratio") == REACHES
    assert mark(_cell(1.66, 1.63, 1.69), "ratio") == OUTSIDE
    printed = {"published_low": 1.60, "published_high": 1.64}
    assert mark(_cell(1.6449, **printed), "ratio") == INSIDE
    assert mark(_cell(1.6451, **printed), "ratio") == OUTSIDE


def test_a_printed_bound_is_held_to_its_side() -> None:
    for statistic, right, wrong in (
        ("iod_domain_correlation_greater_than", 0.99, 0.7),
        ("la_indicator_abs_correlation_with_income_less_than", 0.3, 0.9),
        ("lsoa_income_pct_at_min_prediction_below", 0.2, 1.2),
    ):
        rows = [_row(statistic, value, published_value=0.8) for value in (right, wrong)]
        marks = [mark(cell, "number") for cell in protect_cells(rows, RULES)]
        assert marks == [INSIDE, OUTSIDE], statistic


def test_counts_are_held_within_two_per_cent() -> None:
    assert mark(_cell(101.9, published_value=100.0), "count") == INSIDE
    assert mark(_cell(102.6, published_value=100.0), "count") == OUTSIDE


def test_cover_needs_a_planted_value_and_an_interval() -> None:
    assert covers(_cell(1.6, 1.5, 1.7, planted_value=1.7)) is True
    assert covers(_cell(1.6, 1.5, 1.7, planted_value=1.71)) is False
    assert covers(_cell(1.6)) is None
