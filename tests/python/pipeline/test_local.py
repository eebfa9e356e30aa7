"""One authority on its own: its rates are those of the national run. SYNTHETIC.

The authority's return is written by the small England's own synthetic census, its addresses are
made up, and everything lies in a folder with blanks in its name.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from lxml import html

from common_py.alone import locked
from common_py.errors import CinError
from common_py.paths import Paths
from local_py import run
from publish_py import local_site
from publish_py.local_site import MARK, local_report
from tests.python.browser import Browser, find_browser
from tests.python.local_world import World, make_world, open_every_page
from tests.python.traced import Answer, allowed_numbers, in_text, matches, printed


@pytest.fixture(scope="module")
def world(
    small_data: Path, small_england: Paths, tmp_path_factory: pytest.TempPathFactory
) -> World:
    """The authority with most LSOAs of the small England, taken from its return to its site."""
    folder = tmp_path_factory.mktemp("local") / "OneDrive - A Council" / "our work"
    return make_world(folder, small_data, small_england)


@pytest.fixture(scope="module")
def both(
    world: World, small_england: Paths, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The national warehouse, whose views say its name, and a copy of the own one as `own`."""
    copy = tmp_path_factory.mktemp("both") / "own.duckdb"
    shutil.copyfile(world.report.warehouse, copy)
    with duckdb.connect(str(small_england.warehouse), read_only=True) as connection:
        connection.execute(f"attach '{copy}' as own (read_only)")
        yield connection


CELL = "measure, basis, timing, stratum_type, stratum"
#: Of the national run: episodes and persons of this authority that another one returned.
RETURNED_BY_OTHERS = """
    with steps as (
        select steps.*, las.la_code as own_code
        from intermediate.int_cohort__steps as steps
        inner join core.dim_la as las using (census_year, la_code)
        where steps.is_counted and las.la_number = $la_number and steps.la_number <> $la_number
    ),

    strata as (
        select *, 'all' as stratum_type, 'all' as stratum from steps
        union all select *, 'sex', sex from steps
        union all select *, 'age', cast(age as varchar) from steps
        union all select *, 'ethnicity', ethnic_group from steps
        union all
        select steps.*, found.stratum_type, found.stratum
        from steps
        inner join intermediate.int_episodes__event_strata as found
            using (census_year, la_number, child_no, referral_no, measure, event_no)
    )

    select
        {area}, measure, basis, timing, stratum_type, stratum,
        count(*) filter (basis = 'episode' or is_first_counted) as n
    from strata cross join (values ('episode'), ('person')) as bases (basis)
    group by all having n > 0
"""


def _same(column: str) -> str:
    own, national = f"own.{column}", f"national.{column}"
    return (
        f"coalesce(abs({own} - {national}) <= 1e-12 * abs({national}), "
        f"{own} is null and {national} is null)"
    )


@pytest.mark.parametrize("grain", ["la", "lsoa"])
def test_its_rates_are_those_of_the_national_run(
    both: duckdb.DuckDBPyConnection, world: World, grain: str
) -> None:
    """Row for row the same, but for residents whom another authority returned.

    Those are in no return that this authority has; without them the counts are the same. Doubles
    are held to 1e-12 of their size: threads add them in no fixed order.
    """
    named = {"la_number": world.la_number}
    area = f"{grain}_code"
    both.execute(
        f"create or replace temp table others as {RETURNED_BY_OTHERS.format(area=area)}", named
    )
    both.execute(
        f"""
        create or replace temp table compared as
        select
            own.numerator + coalesce(others.n, 0) - national.numerator as n_missing,
            {_same("denominator")} as is_denominator,
            others.n is null as is_own_alone,
            {_same("rate_per_10k")} and {_same("ci_low")} and {_same("ci_high")} as is_rate,
            own.numerator
        from own.rates.fct_rates_{grain} as own
        full join (
            select rates.* from rates.fct_rates_{grain} as rates
            inner join core.dim_la using (census_year, la_code)
            where dim_la.la_number = '{world.la_number}'
        ) as national
            using (census_year, {area}, geography_vintage, la_code, {CELL})
        left join others using ({area}, {CELL})
        """  # noqa: S608
    )
    ((n_rows, n_events, n_by_others, n_wrong, n_other_denominators, n_other_rates),) = both.execute(
        """
        select
            count(*),
            sum(numerator),
            count(*) filter (not is_own_alone),
            count(*) filter (n_missing is distinct from 0),
            count(*) filter (not is_denominator),
            count(*) filter (is_own_alone and not is_rate)
        from compared
        """
    ).fetchall()
    assert (n_wrong, n_other_denominators, n_other_rates) == (0, 0, 0)
    assert n_rows > 300
    assert n_events > 10_000
    assert 0 < n_by_others < n_rows


def test_england_is_the_same_around_it(both: duckdb.DuckDBPyConnection) -> None:
    """Averages, deciles and definitions are those of all authorities, not of one."""
    columns = "lsoa_code, la_code, income, la_income, x1, round(x2, 12), income_decile, population"
    query = "select count(*) from ({} except all {})"
    one, other = (
        f"(select {columns} from {at}modelling.mdl_lsoa_context)"  # noqa: S608
        for at in ("", "own.")
    )
    assert both.execute(query.format(one, other)).fetchall() == [(0,)]
    assert both.execute(query.format(other, one)).fetchall() == [(0,)]
    hashes = both.execute(
        "select definitions_md5 from quality.rpt_build union "
        "select definitions_md5 from own.quality.rpt_build"
    ).fetchall()
    assert len(hashes) == 1


def test_its_gradient_is_that_of_its_own_counts(
    both: duckdb.DuckDBPyConnection, world: World
) -> None:
    """The national run's model of one authority, fitted to what this authority returned."""
    from statsmodels.api import GLM, families  # noqa: PLC0415 (a second to import)

    found = both.execute(
        "select counts.n_events, counts.population, context.x1 "
        "from own.modelling.mdl_lsoa_counts as counts "
        "inner join modelling.mdl_lsoa_context as context using (census_year, lsoa_code) "
        "where counts.measure = 'referral' and counts.stratum_type = 'all' "
        "and counts.population > 0 order by lsoa_code"
    ).fetchnumpy()
    exog = np.column_stack([np.ones(len(found["x1"])), found["x1"]])
    fitted = GLM(
        found["n_events"], exog, family=families.Poisson(), offset=np.log(found["population"])
    ).fit()
    ((irr, low, high),) = both.execute(
        "select irr, ci_low, ci_high from own.estimates.la_gradients where measure = 'referral'"
    ).fetchall()
    half = 1.959964 * fitted.bse[1]
    expected = np.exp([fitted.params[1], fitted.params[1] - half, fitted.params[1] + half])
    assert (irr, low, high) == pytest.approx(tuple(expected), rel=1e-6)
    with (world.site / "assets" / "gradients.csv").open(encoding="utf-8", newline="") as stream:
        printed = {
            row["measure"]: row for row in csv.DictReader(stream) if row["gradient"] == "relative"
        }
    assert float(printed["referral"]["value"]) == pytest.approx(irr, rel=1e-4)


def text_of(world: World) -> str:
    return "".join(path.read_text("utf-8") for path in sorted(world.site.glob("*.html")))


def test_the_pages_say_synthetic_and_what_cannot_be_fitted(world: World) -> None:
    for path in world.site.glob("*.html"):
        assert "SYNTHETIC" in path.read_text("utf-8"), path.name
    index = (world.site / "index.html").read_text("utf-8")
    assert "there is one group" in index
    assert "Social gradient by threshold" in index
    assert "(SYNTHETIC)" in index
    assert (world.site / "areas.html").is_file()
    assert (world.site / MARK).is_file()
    assert not list(world.site.parent.glob("the site.*"))


def test_the_pages_open_from_disk_at_both_widths(world: World, tmp_path: Path) -> None:
    program = find_browser()
    if program is None or os.name != "posix":
        pytest.skip("no Chromium here: install it, or set CIN_CHROMIUM to its path (POSIX only)")
    with Browser(program, tmp_path) as browser:
        for width in (1280, 390):
            with browser.page(width=width) as page:
                open_every_page(page, world.site)


def test_every_number_is_that_of_the_sql_beneath_it(world: World) -> None:
    """Each query runs as it is printed; each number above it, drawn ones too, is in its answer.

    Process counts are rounded first, and so are counts by sex, with the rates that follow.
    """
    n_checked: dict[str, int] = {}
    every: set[float] = set()
    with duckdb.connect(str(world.report.warehouse), read_only=True) as connection:
        for path in sorted(world.site.glob("*.html")):
            for one in printed(path.read_text("utf-8")):
                allowed = allowed_numbers(one.slug, Answer.of(connection, one.query))
                wrong = [number for number in one.numbers if not matches(number, allowed)]
                assert not wrong, (path.name, one.slug, wrong)
                n_checked[one.slug] = n_checked.get(one.slug, 0) + len(one.numbers)
                every |= allowed
    seen = {slug for slug, n in n_checked.items() if n}  # small areas may have nothing to show
    assert {"authority", "gradients", "deciles", "rates", "rates_sex", "outcomes", "totals",
            "beside", "cohort_flow", "match_rates", "la_ledger"} <= seen  # fmt: skip
    assert sum(n_checked.values()) > 1_000
    page = html.fromstring((world.site / "index.html").read_text("utf-8"))
    said = page.xpath("//*[contains(@class, 'card-value') or contains(@class, 'card-interval')]")
    said += page.xpath("//ul[@class='findings']/li")
    assert len(said) > 8
    for text in (one.text_content() for one in said):
        words = re.sub(r"10 percentage points|95 % interval|10,000 children", "", text)
        wrong = [number for number in in_text(words) if not matches(number, frozenset(every))]
        assert not wrong, text


def test_a_number_that_no_sql_gives_is_seen(world: World) -> None:
    """What finds nothing above can find: the first rate by sex, changed by a tenth."""
    page = (world.site / "index.html").read_text("utf-8")
    start = page.index("Rates by sex (SYNTHETIC)")
    place = re.compile(r'(<span class="value">)([\d,]+\.\d)(</span>)').search(page, start)
    assert place is not None
    number = float(place[2].replace(",", ""))
    false = f"{page[: place.start(2)]}{number + 0.1:,.1f}{page[place.end(2) :]}"
    with duckdb.connect(str(world.report.warehouse), read_only=True) as connection:
        (sexes,) = (one for one in printed(false) if one.slug == "rates_sex")
        allowed = allowed_numbers("rates_sex", Answer.of(connection, sexes.query))
    assert [one for one in sexes.numbers if not matches(one, allowed)]


def test_no_small_count_is_on_the_site(world: World) -> None:
    """What the files show of counts is 0, 6 or more; sexes are rounded to ten."""
    n_shown = n_hidden = 0
    for path in sorted((world.site / "assets").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if "episodes" not in row:
                    continue
                if row["is_suppressed"] == "true":
                    assert row["episodes"] == row["rate_per_10k"] == row["ci_low"] == ""
                    n_hidden += 1
                    continue
                n_shown += 1
                count = float(row["episodes"])
                assert count == 0 or count >= 6, (path.name, row)
                assert "sex" not in row or count % 10 == 0
    assert n_shown > 100
    assert n_hidden > 10


def test_no_count_of_the_neighbourhood_that_the_hub_leaves_out_can_be_reckoned(
    world: World,
) -> None:
    """The authority less the hub is one neighbourhood: its counts are not shown, unless zero."""
    shown: dict[str, dict[tuple[str, str], str]] = {}
    for name in ("rates", "areas_family_hub"):
        with (world.site / "assets" / f"{name}.csv").open(encoding="utf-8") as stream:
            shown[name] = {
                (row["measure"], row["timing"]): row["episodes"] for row in csv.DictReader(stream)
            }
    hub = shown["areas_family_hub"]
    assert len(hub) == 8
    assert "" in hub.values()
    for cell, count in hub.items():
        assert "" in (count, shown["rates"][cell]) or count == shown["rates"][cell], cell


def test_no_identifier_or_postcode_leaves_the_landing(world: World) -> None:
    assert world.options.addresses is not None
    with world.options.addresses.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))[:200]
    wanted = {row[name] for row in rows for name in ("LAchildID", "UPN", "Postcode") if row[name]}
    shown = text_of(world) + world.report.summary
    shown += "".join(p.read_text("utf-8") for p in (world.site / "assets").glob("*.csv"))
    assert wanted
    assert not [one for one in wanted if one in shown]
    kept = world.paths.of_one_authority()
    left = [
        path for path in kept.data.rglob("*") if path.is_file() and "reference" not in path.parts
    ]
    assert left
    postcodes = {row["Postcode"] for row in rows}
    for path in left:
        said = path.read_text("utf-8", errors="replace").lower()
        assert not [one for one in postcodes if one in said], path


@pytest.mark.slow
def test_a_second_run_replaces_the_site_and_says_the_same(world: World) -> None:
    before = (world.site / "assets" / "rates.csv").read_bytes()
    again = run(world.paths, world.options)
    assert again.site.findings == world.report.site.findings
    assert (world.site / "assets" / "rates.csv").read_bytes() == before


def test_another_run_in_its_folder_is_refused(world: World) -> None:
    folder = world.paths.of_one_authority().build / "next"
    with locked(folder, folder.with_name("next.lock")) as held:
        assert held
        with pytest.raises(CinError, match="another `cin local` is at work"):
            run(world.paths, world.options)


def test_a_folder_of_somebody_elses_is_not_replaced(world: World, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine", "utf-8")
    with pytest.raises(CinError, match="holds something else") as caught:
        run(world.paths, replace(world.options, output=tmp_path))
    assert str(tmp_path) in str(caught.value)
    assert (tmp_path / "index.html").read_text("utf-8") == "mine"


def test_a_file_of_the_site_that_excel_holds_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows a folder with an open file cannot be renamed; what is in the new one is no matter.

    So nothing is read or drawn for it: only its place is tried.
    """
    rename = Path.rename

    def held(self: Path, target: Path) -> Path:
        if self == world.site:
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    before = {p: p.read_bytes() for p in world.site.rglob("*") if p.is_file()}
    monkeypatch.setattr(Path, "rename", held)
    for step in ("read_local", "content_of"):
        monkeypatch.setattr(local_site, step, lambda *_: None)
    monkeypatch.setattr(local_site, "_write_assets", lambda assets, *_: assets.mkdir(parents=True))
    monkeypatch.setattr(local_site, "pages", lambda *_: {"index.html": "another"})
    with pytest.raises(CinError, match="cannot be replaced") as caught:
        local_report(
            world.paths.of_one_authority(), world.la_number, world.site, world.paths.build / "cache"
        )
    assert "the site" in str(caught.value)
    assert "Excel" in str(caught.value.remedy)
    assert "cin local" in str(caught.value.remedy)
    assert {p: p.read_bytes() for p in world.site.rglob("*") if p.is_file()} == before


@pytest.mark.slow
def test_without_addresses_the_site_says_what_it_cannot(world: World, tmp_path: Path) -> None:
    bare = replace(
        world.options, addresses=None, onspd=None, areas=None, output=tmp_path / "bare", preset="la"
    )
    paths = replace(world.paths, build=tmp_path / "build", landing=tmp_path / "build" / "landing")
    report = run(paths, bare)
    page = report.site.index.read_text("utf-8")
    assert "nothing says where children live" in page
    assert "Totals beside DfE" in page
    assert "gradient_chart" not in page


def test_a_missing_published_file_is_named_with_where_to_get_it(
    world: World, tmp_path: Path
) -> None:
    paths = replace(world.paths, data=tmp_path, build=tmp_path / "build")
    with pytest.raises(CinError, match="missing") as caught:
        run(paths, replace(world.options, output=tmp_path / "site"))
    assert "gov.uk" in str(caught.value)
    assert not (tmp_path / "site").exists()


def test_returns_of_two_authorities_are_refused(world: World, tmp_path: Path) -> None:
    other = tmp_path / "other.xml"
    text = world.options.returns[0].read_text("utf-8")
    other.write_text(text.replace(f"<LEA>{world.la_number}<", "<LEA>202<", 1), "utf-8")
    with pytest.raises(CinError, match="several authorities"):
        run(world.paths, replace(world.options, returns=(*world.options.returns, other)))
