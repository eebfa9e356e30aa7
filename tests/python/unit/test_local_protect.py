"""One authority's counts, and those of areas within it, give no small one away together."""

from __future__ import annotations

from typing import Any

import pytest

from publish_py.local_protect import (
    hidden_counts,
    key_of,
    protected_gradient,
    protected_outcome,
    protected_rates,
)
from publish_py.rules import load_rules

RULES = load_rules()
YEAR = 2019
CELL = {"measure": "referral", "timing": "incidence"}


def row(area_type: str, area: str, n: int, **more: Any) -> dict[str, Any]:
    """One count of an area of ten neighbourhoods with 1,000 children."""
    return {
        "census_year": YEAR,
        "area_type": area_type,
        "area": area,
        **CELL,
        "stratum_type": "all",
        "stratum": "all",
        "is_partition": True,
        "is_unknown": False,
        "numerator": n,
        "denominator": 1000.0,
        "rate_per_10k": 10.0 * n,
        "ci_low": 0.0,
        "ci_high": 99.0,
        "n_lsoas": 10,
        "largest_lsoa": max(1, n // 5),
    } | more


def pair(own: tuple[str, str, int], other: tuple[str, str, int], n_common: int) -> dict[str, Any]:
    return {
        "census_year": YEAR,
        "area_type": own[0],
        "area": own[1],
        "n_lsoas": own[2],
        "other_type": other[0],
        "other_area": other[1],
        "other_n_lsoas": other[2],
        "n_common": n_common,
    }


def areas(found: frozenset[Any]) -> set[str]:
    """The areas hidden, those that are only reckoned left out."""
    return {area for (_, kind, area), _ in found if not kind.startswith("rest")}


WHOLE = ("la", "la", 30)


def test_areas_that_add_up_hide_two_at_least() -> None:
    wards = (("A", 3), ("B", 20), ("C", 40))
    found = [row("la", "la", 63), *(row("ward", *one) for one in wards)]
    overlaps = [pair(("ward", a, 10), WHOLE, 10) for a in "ABC"]
    assert areas(hidden_counts(found, overlaps, RULES)) == {"A", "B"}


def test_what_no_area_holds_is_a_count_too() -> None:
    """Two wards of ten and the whole of 22: the two neighbourhoods left over have 30 referrals."""
    whole = ("la", "la", 22)
    found = [row("la", "la", 80), row("ward", "A", 20), row("ward", "B", 30)]
    overlaps = [pair(("ward", a, 10), whole, 10) for a in "AB"]
    assert areas(hidden_counts(found, overlaps, RULES)) == {"A"}
    with_more = [pair(("ward", a, 10), WHOLE, 10) for a in "AB"]
    assert areas(hidden_counts(found, with_more, RULES)) == set()
    with_few = [row("la", "la", 53), *found[1:]]  # three of them outside both
    assert areas(hidden_counts(with_few, with_more, RULES)) == {"A"}


def test_an_area_less_one_within_it_is_a_count_too() -> None:
    """A hub of 11 neighbourhoods and the ward of ten in it tell the eleventh's referrals."""
    found = [row("la", "la", 200), row("hub", "H", 60), row("ward", "A", 50)]
    hub, ward = ("hub", "H", 11), ("ward", "A", 10)
    overlaps = [
        *(pair(one, WHOLE, one[2]) for one in (hub, ward)),
        pair(ward, hub, 10),
        pair(hub, ward, 10),
    ]
    hidden = areas(hidden_counts(found, overlaps, RULES))
    assert hidden & {"A", "H"}
    apart = [pair(one, WHOLE, one[2]) for one in (hub, ward)]
    assert areas(hidden_counts(found, apart, RULES)) == set()


@pytest.mark.parametrize(
    "more",
    [{"n_lsoas": 4}, {"denominator": 49.0}, {"largest_lsoa": 45}],
    ids=["few neighbourhoods", "few children", "nearly one neighbourhood's"],
)
def test_what_stands_for_few_is_hidden(more: dict[str, Any]) -> None:
    found = [row("la", "la", 500), row("ward", "A", 50, **more)]
    assert areas(hidden_counts(found, [], RULES)) == {"A"}


def test_strata_that_add_up_are_hidden_together_and_sexes_rounded() -> None:
    ages = [row("la", "la", n, stratum_type="age", stratum=age) for age, n in (("5", 4), ("6", 40))]
    sexes = [
        row("la", "la", n, stratum_type="sex", stratum=s, is_unknown=s == "unknown")
        for s, n in (("male", 23), ("female", 19), ("unknown", 2))
    ]
    found = [row("la", "la", 44), *ages, *sexes]
    hidden = hidden_counts(found, [], RULES)
    assert {key_of(one) for one in ages} <= hidden
    shown = protected_rates(found, hidden, RULES, 0.05)
    by_sex = {one["stratum"]: one for one in shown if one["stratum_type"] == "sex"}
    assert {s: one["count"].value for s, one in by_sex.items()} == {"male": 20.0, "female": 20.0}
    assert by_sex["male"]["rate"].value == pytest.approx(200.0)
    assert by_sex["male"]["rate"].ci_low == pytest.approx(122.165, abs=1e-3)  # Garwood, n = 20
    whole = next(one for one in shown if one["stratum_type"] == "all")
    assert (whole["count"].value, whole["rate"].value) == (44.0, 440.0)
    assert not {"numerator", "rate_per_10k", "largest_lsoa"} & set(whole)


def test_a_hidden_count_takes_its_rate_and_says_why() -> None:
    found = [row("la", "la", 500), row("ward", "A", 3), row("ward", "B", 50, n_lsoas=2)]
    hidden = hidden_counts(found, [], RULES)
    shown = {one["area"]: one for one in protected_rates(found, hidden, RULES, 0.05)}
    assert shown["A"]["rate"].is_suppressed
    assert shown["A"]["rate"].value is None
    assert "1 to 5" in shown["A"]["count"].reason
    assert "fewer than 5 neighbourhoods" in shown["B"]["count"].reason


GRADIENT = {
    **{"census_year": YEAR, "measure": "referral", "n_events": 100, "n_lsoas": 40},
    **{"irr": 1.6, "ci_low": 1.4, "ci_high": 1.8, "reason": ""},
    **{"slope": 150.0, "slope_low": 90.0, "slope_high": 210.0, "slope_reason": ""},
}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"n_events": 29}, "fewer than 30 events"),
        ({"n_lsoas": 9}, "fewer than 10 neighbourhoods"),
    ],
)
def test_a_gradient_on_few_is_not_shown_either_way(more: dict[str, Any], reason: str) -> None:
    whole = protected_gradient(GRADIENT, RULES)
    assert (whole["relative"].value, whole["absolute"].value) == (1.6, 150.0)
    assert "n_events" not in whole
    few = protected_gradient(GRADIENT | more, RULES)
    assert few["relative"].value is None
    assert few["absolute"].value is None
    assert few["relative"].reason == reason


def test_a_share_of_few_or_nearly_all_is_hidden() -> None:
    base = {
        **{"row_label": "Re-referral", "pct": 20.0, "pct_low": 15.0, "pct_high": 26.0},
        **{"pct_reason": "", "ratio": 1.1, "ratio_low": 1.0, "ratio_high": 1.2, "ratio_reason": ""},
    }
    for n_events, n_trials in ((3, 100), (97, 100)):
        hidden = protected_outcome(base | {"n_events": n_events, "n_trials": n_trials}, RULES)
        assert hidden["share"].is_suppressed
        assert hidden["ratio"].is_suppressed
    some = protected_outcome(base | {"n_events": 8, "n_trials": 100}, RULES)
    assert some["share"].value == 20.0
    assert some["ratio"].value is None
    whole = protected_outcome(base | {"n_events": 20, "n_trials": 100}, RULES)
    assert whole["ratio"].value == 1.1
    assert not {"n_events", "n_trials"} & set(whole)
