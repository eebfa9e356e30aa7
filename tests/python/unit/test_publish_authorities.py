"""Pages of authorities and the map: nothing small, something to say for every missing number."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from common_py.errors import CinError
from common_py.paths import Paths
from publish_py.hexmap import class_limits
from publish_py.inconsistencies import load_inconsistencies
from publish_py.pictures import write_pictures
from publish_py.render import render_pages
from publish_py.rules import load_rules
from publish_py.site import content_of
from publish_py.source import read_site_data
from tests.python.site_marts import copied, fitted, odd_pages, pages
from tests.python.small_marts import query


def page(paths: Paths, name: str) -> str:
    return (paths.site / name).read_text("utf-8")


def plain(text: str) -> str:
    """The words of a page, one blank between them."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_every_authority_has_a_page_that_the_list_the_map_and_the_search_lead_to(
    small_site: Paths,
) -> None:
    codes = {row[0] for row in query(small_site, "select la_code from core.dim_la")}
    assert {file.stem for file in (small_site.site / "la").glob("*.html")} == codes
    listed = page(small_site, "authorities.html")
    script = page(small_site, "assets/pages.js")
    entries = json.loads(script.removeprefix("window.CIN_PAGES = ").rstrip(";\n"))
    for code in codes:
        assert f'<a href="la/{code}.html">' in listed
        assert f'<a href="la/{code}.html" aria-label="Authority' in listed
        assert [one["href"] for one in entries].count(f"la/{code}.html") == 1


def test_no_small_count_is_on_a_page_or_in_a_file(small_site: Paths) -> None:
    with (small_site.site / "assets" / "la_rates.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    truth = {
        (area, measure, timing, stratum): count
        for area, measure, timing, stratum, count in query(
            small_site,
            "select la_code, measure, timing, stratum, numerator from rates.fct_rates_la",
        )
    }
    small = 0
    for row in rows:
        key = (row["area_code"], row["measure"], row["timing"], row["stratum"])
        if row["is_suppressed"] == "true":
            assert row["episodes"] == row["rate_per_10k"] == row["ci_low"] == row["ci_high"] == ""
        else:
            assert not 0 < float(row["episodes"]) < 6
            assert key not in truth or float(row["episodes"]) == truth[key]
        small += 0 < truth.get(key, 0) < 6
    assert small > 20
    for name in (
        "authorities.html",
        *(f"la/{file.name}" for file in (small_site.site / "la").iterdir()),
    ):
        counts = re.findall(r'<td class="num">([1-5])</td>', page(small_site, name))
        assert counts == [], name


def test_rates_stand_beside_those_of_england(small_site: Paths) -> None:
    (count, rate), (whole,) = (
        query(
            small_site,
            "select numerator, rate_per_10k from rates.fct_rates_la where la_code = 'E06000003' "
            "and measure = 'referral' and stratum_type = 'all'",
        )[0],
        query(
            small_site,
            "select 10000 * 10 * round(sum(numerator) / 10.0) / sum(denominator) "
            "from rates.fct_rates_la "
            "where measure = 'referral' and stratum_type = 'all'",
        )[0],
    )
    words = plain(page(small_site, "la/E06000003.html"))
    assert f"Referral, in the year {count} {rate:,.1f}" in words
    assert f"{whole:,.1f} {rate / whole:.2f}" in words


def test_statistical_neighbours_where_landed_and_the_equally_deprived_where_not(
    small_site: Paths,
) -> None:
    first = plain(page(small_site, "la/E06000001.html"))
    assert "Statistical neighbours" in first
    assert first.index("Authority 9 Very Close") < first.index("Authority 4 Close")
    second = plain(page(small_site, "la/E06000002.html"))
    assert "neighbours are not in this build" in second
    assert "Authority 1 −1.0 points" in second


def test_a_single_authority_has_nothing_to_be_held_against_and_the_page_says_so(
    tmp_path: Path,
) -> None:
    tables = ("core.dim_la", "rates.fct_rates_la", "modelling.mdl_lsoa_context")
    others = "where la_code <> 'E06000004'"
    changes = [f"delete from {one} {others}" for one in (*tables, "modelling.mdl_lsoa_counts")]  # noqa: S608
    found = pages(fitted(tmp_path, *changes))
    assert "no other authority in this build" in plain(found["la/E06000004.html"])
    assert "1 authority" in plain(found["authorities.html"])
    assert "no estimate" in found["index.html"]


def test_an_authority_without_a_place_is_named_and_one_without_a_return_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found = odd_pages(tmp_path_factory)
    assert "Authority 5 has no place on it" in plain(found["authorities.html"])
    assert "No return of this authority" in plain(found["la/E06000005.html"])
    assert "fewer than 30 events" in plain(found["la/E06000006.html"])


def test_without_any_place_the_list_stands_alone(small_site: Paths, tmp_path: Path) -> None:
    paths = copied(small_site, tmp_path, "delete from core.dim_la_tile")
    rules = load_rules()
    data = read_site_data(paths, rules)
    content = content_of(data)
    found = {page.file: page.html for page in render_pages(data, content, rules, has_docs=False)}
    assert "No map:" in found["authorities.html"]
    write_pictures(tmp_path / "site", replace(content, figures=()), synthetic=True)
    assert not list((tmp_path / "site").glob("map_*"))


def test_classes_are_fifths_and_few_values_are_not_divided() -> None:
    assert class_limits([float(at) for at in range(10)]) == (2.0, 4.0, 6.0, 8.0)
    assert class_limits([1.0] * 9) == ()
    assert class_limits([1.0] * 10) == (1.0,)


def test_every_printed_value_of_the_inconsistencies_is_the_report_s(small_site: Paths) -> None:
    published = [
        dict(
            zip(
                ("table_no", "row_label", "statistic", "value", "ci_low", "ci_high"),
                row,
                strict=True,
            )
        )
        for row in query(
            small_site, "select * exclude (p_value) from modelling.mdl_published_values"
        )
    ]
    found = load_inconsistencies(published)
    words = plain(page(small_site, "inconsistencies.html"))
    assert len(found) >= 12
    assert all(one.title in words for one in found if "'" not in one.title)
    by_title = {one.title: one.says for one in found}
    assert "300,910" in by_title["Referrals by source"]
    assert "2.33 in low-deprivation and 1.39" in by_title["Contexts of the referral gradient"]
    without = [row for row in published if row["table_no"] != "8"]
    with pytest.raises(CinError, match="prints no such value"):
        load_inconsistencies(without)
