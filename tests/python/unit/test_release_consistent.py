"""What the site of a release shows gives no count away that the tables beside it round or hide."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from common_py.paths import Paths
from common_py.warehouse import reading
from publish_py.consistent import consistent, hidden_keys
from publish_py.national import rounded_points
from publish_py.protect import ENGLAND, protect_points
from publish_py.released import released_tables
from publish_py.rules import load_rules
from publish_py.source import SiteData, read_site_data, read_suppressed
from tests.python.disclosure_world import COUNTRY
from tests.python.release_world import releasable


@pytest.fixture(scope="module")
def shown(
    small_site: Paths, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SiteData, SiteData, dict[str, pa.Table]]:
    """What would be shown without rounding, what a release shows, and the tables of that release.

    Of the tables, one authority's referrals are hidden.
    """
    paths: Paths = releasable(small_site, Path(tmp_path_factory.mktemp("consistent")))
    rules = load_rules()
    with reading(paths.warehouse) as connection:
        published = released_tables(connection, rules)
    la = published["rates_la"].to_pylist()
    for row in la:
        if row["area_code"] == "E06000005" and row["measure"] == "referral":
            row.update({"count": None, "rate_per_10k": None, "is_suppressed": True})
    schema = published["rates_la"].schema
    changed = published | {"rates_la": pa.Table.from_pylist(la, schema=schema)}
    hidden = hidden_keys(2019, changed)
    after = consistent(read_site_data(paths, rules, hidden), changed)
    return read_suppressed(paths, rules), after, changed


def test_rates_are_those_of_the_released_tables(
    shown: tuple[SiteData, SiteData, dict[str, pa.Table]],
) -> None:
    _, after, published = shown
    found = {
        (name, row["area_code"], row["measure"], row["timing"], row["stratum"]): row
        for name, table in published.items()
        for row in table.to_pylist()
    }
    assert after.la_rates
    for row in after.la_rates:
        is_england = row["area"] == ENGLAND
        name, area = ("rates_england", COUNTRY) if is_england else ("rates_la", row["area"])
        released = found[name, area, row["measure"], row["timing"], row["stratum"]]
        assert row["count"].value == released["count"]
        assert row["rate"].value == released["rate_per_10k"]
        assert row["count"].is_suppressed == released["is_suppressed"]
        assert row["count"].reason or not released["is_suppressed"]


def test_a_hidden_rate_is_no_point_of_a_figure(
    shown: tuple[SiteData, SiteData, dict[str, pa.Table]],
) -> None:
    before, after, _ = shown
    place = ("3", "E06000005", "referral")
    assert place in {(one["figure_no"], one["place"], one["measure"]) for one in before.points.rows}
    assert place not in {
        (one["figure_no"], one["place"], one["measure"]) for one in after.points.rows
    }


def test_a_part_of_an_authority_is_drawn_at_the_rate_of_a_rounded_count() -> None:
    """Figure 4: less the counts of MSOAs that lie in it, an exact one would be of few LSOAs."""
    rules = load_rules()
    found = [
        {
            "figure_no": "4", "measure": "referral", "series": "low", "place": place,
            "n_events": 117, "n_areas": 9, "population": 4000.0,
            "y": 292.5, "ci_low": 241.9, "ci_high": 350.5,
        }
        for place in ("E06000005", "E06000006")
    ]  # fmt: skip
    hidden = frozenset({("E06000005", "referral", "incidence", "all", "all")})
    points = rounded_points(protect_points(found, hidden, rules), rules.england_rounding)
    assert points.n_withheld == 1
    (shown,) = points.rows
    assert (shown["place"], shown["y"]) == ("E06000006", 300.0)  # 120 of 4,000
    assert "n_events" not in shown
    assert shown["ci_high"] == round(350.5 * 120 / 117, 1)


def test_a_count_of_england_that_is_hidden_is_in_no_table_of_the_study(
    small_site: Paths, tmp_path: Path
) -> None:
    paths: Paths = releasable(small_site, tmp_path)
    rules = load_rules()
    with reading(paths.warehouse) as connection:
        published = released_tables(connection, rules)
    rows = published["rates_england"].to_pylist()
    for row in rows:
        if (row["measure"], row["stratum_type"]) == ("referral", "all"):
            row.update({"count": None, "rate_per_10k": None, "is_suppressed": True})
    schema = published["rates_england"].schema
    published = published | {"rates_england": pa.Table.from_pylist(rows, schema=schema)}
    year = read_site_data(paths, rules).census_year
    shown = read_site_data(paths, rules, hidden_keys(year, published))
    cells = {
        (one.row_label, one.statistic): one.estimate
        for one in shown.cells
        if one.table_no == "2" and one.row_label in ("Referral", "Assessment")
    }
    for statistic in ("n", "rate_per_10k"):
        assert cells["Referral", statistic].is_suppressed
        assert cells["Assessment", statistic].value is not None


def test_englands_counts_are_rounded_wherever_they_stand(
    shown: tuple[SiteData, SiteData, dict[str, pa.Table]],
) -> None:
    before, after, _ = shown
    counts = [one for one in after.cells if one.statistic in ("n", "n_yes", "n_no")]
    exact = [one for one in before.cells if one.statistic in ("n", "n_yes", "n_no")]
    assert [one.estimate.value for one in counts] != [one.estimate.value for one in exact]
    assert all(one.estimate.value is None or one.estimate.value % 10 == 0 for one in counts)
    rates = {
        (one.table_no, one.row_label): one.estimate.value
        for one in after.cells
        if one.statistic == "rate_per_10k" and one.estimate.value is not None
    }
    of_table = {
        (one.table_no, one.row_label, one.statistic): one.estimate.value for one in before.cells
    }
    assert rates
    for place, rate in rates.items():
        own = of_table[(*place, "rate_per_10k")]
        n = of_table.get((*place, "n"))
        if n:
            assert own is not None
            assert rate == pytest.approx(own * 10 * round(n / 10) / n, abs=0.0501)
    for one in after.points.rows:
        if one["place"].isdigit() and one["figure_no"] in ("7", "8"):
            assert one["y"] == round(one["y"], 1)
    models = [one for one in after.cells if one.statistic == "irr"]
    assert models == [one for one in before.cells if one.statistic == "irr"]
