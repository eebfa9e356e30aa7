"""The quality page's table of broken rules: counts only, small ones and their like withheld."""

from __future__ import annotations

from typing import Any

import pytest

from common_py.paths import Paths
from publish_py.rules import load_rules
from publish_py.validation import protect_validation, validation_words


def row(area: str, n_issues: int, n_children: int) -> dict[str, Any]:
    return {
        "area": area, "rule_code": "8650", "severity": "error", "message": "Invalid",
        "n_issues": n_issues, "n_children": n_children, "children_per_1k": 1.5,
    }  # fmt: skip


@pytest.mark.parametrize(("n_issues", "n_children"), [(3, 3), (40, 2), (5, 0)])
def test_a_small_count_takes_its_row_with_it(n_issues: int, n_children: int) -> None:
    (shown,) = protect_validation([row("England", n_issues, n_children)], load_rules())
    for name in ("n_issues", "n_children", "children_per_1k"):
        assert shown[name].is_suppressed
        assert shown[name].value is None
        assert shown[name].reason


def test_counts_are_rounded_and_only_england_has_a_rate() -> None:
    found = [row("England", 44, 26), row("Avon", 44, 26), row("England", 12, 0)]
    england, avon, whole = protect_validation(found, load_rules())
    assert (england["n_issues"].value, england["n_children"].value) == (40, 30)
    assert england["children_per_1k"].value == 1.5
    assert avon["children_per_1k"].value is None
    assert (whole["n_issues"].value, whole["n_children"].value) == (10, 0)
    assert whole["children_per_1k"].value is None, "a rule on whole returns is about no child"


def test_the_page_lists_england_first_then_authorities_by_name() -> None:
    found = [row("England", 44, 26), row("Devon", 20, 20), row("Avon", 24, 6)]
    words = validation_words(protect_validation(found, load_rules()))
    assert [one["area"] for one in words["england"]] == ["England"]
    assert list(words["areas"]) == ["Avon", "Devon"]


def test_the_quality_page_shows_broken_rules_and_no_small_count(small_site: Paths) -> None:
    text = (small_site.site / "quality.html").read_text("utf-8")
    section = text.split('id="validation"')[1].split("</section>")[0]
    england, authorities = section.split("<details>")
    assert "8650 is broken" in england
    assert "100 is broken" not in section, "a rule that nothing breaks is not listed"
    assert authorities.count("<td>8770Q</td>") == authorities.count("<td>8650</td>") > 5
    assert authorities.count(">c</abbr>") == 2 * authorities.count("<td>8770Q</td>")
    assert ">8<" not in authorities
