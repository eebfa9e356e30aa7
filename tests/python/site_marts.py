"""The small marts with what the site reads besides: places on the map, rates that add up."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from analysis_py import fit
from analysis_py.settings import FitSettings
from common_py.paths import Paths
from expectations import gate
from publish_py import report
from publish_py.render import render_pages
from publish_py.rules import load_rules
from publish_py.site import content_of
from publish_py.source import read_site_data
from tests.python.once import once
from tests.python.small_marts import IN_BRIEF, PROJECT, SPECS, change, made_marts

_SITE_MARTS = (
    """
    alter table core.dim_la add column region_name varchar;
    alter table core.dim_la add column n_lsoas bigint default 12;
    alter table core.dim_la add column population double default 3000;
    update core.dim_la set region_name = case when la_number < '807' then 'North' else 'South' end;
    create table core.dim_la_tile as
    select
        census_year, la_code, cast(la_number as integer) % 4 as tile_col,
        cast(la_number as integer) // 4 - 200 as tile_row
    from core.dim_la;
    create table core.dim_la_neighbour (
        census_year integer, la_code varchar, neighbour_rank integer, neighbour_la_code varchar,
        closeness varchar
    );
    """,
    """
    alter table core.dim_stratum add column if not exists is_partition boolean default true;
    update core.dim_stratum set is_partition = true;
    """,
    # episodes by single year of age, and their sums: what can be added up does add up
    """
    create or replace table rates.fct_rates_la as
    with ages as (
        select
            las.census_year, las.la_code, measures.measure, timings.timing, ages.age,
            cast(floor(
                (3 + ages.age + 7 * (cast(las.la_number as integer) - 800))
                / measures.threshold_no
            ) as bigint) as numerator, 250.0 as denominator
        from core.dim_la as las
        cross join core.dim_measure as measures
        cross join range(5, 16) as ages (age)
        cross join (values ('incidence'), ('prevalence')) as timings (timing)
        where timings.timing = 'incidence' or measures.measure in ('cin', 'cp_plan')
    ),
    rates as (
        select census_year, la_code, measure, timing, 'age' as stratum_type,
            cast(age as varchar) as stratum, numerator, denominator from ages
        union all
        select census_year, la_code, measure, timing, 'all', 'all',
            cast(sum(numerator) as bigint), sum(denominator) from ages group by all
    )
    select
        *, 'episode' as basis, 10000 * numerator / denominator as rate_per_10k,
        9000 * numerator / denominator as ci_low, 11000 * numerator / denominator as ci_high
    from rates
    """,
    f"""
    create or replace table modelling.mdl_published_values as
    select
        table_no, coalesce(row_label, '') as row_label, statistic,
        cast(value as double) as value, cast(ci_low as double) as ci_low,
        cast(ci_high as double) as ci_high, p_value
    from read_csv(
        '{(PROJECT / "seeds" / "published" / "report_values.csv").as_posix()}', all_varchar = true
    )
    """,  # noqa: S608 - our own file
)


# what several tests look for, and no other is disturbed by
NEIGHBOURS = """
insert into core.dim_la_neighbour values
    (2019, 'E06000001', 1, 'E06000009', 'Very Close'), (2019, 'E06000001', 3, 'E06000004', 'Close')
"""
SMALL_AGE = """
update modelling.mdl_lsoa_counts
set n_events = case when lsoa_code = 'E06000001-01' then 4 else 0 end
where stratum = '9'
"""
FEW_QUARANTINED = """
update quality.rpt_ingest_ledger set n_rows_quarantined = 3 where la_number = '801'
"""


def site_marts(folder: Path, *changes: str) -> Paths:
    """Make a warehouse that the site can be rendered from, once its models are fitted."""
    return made_marts(folder, _SITE_MARTS, changes)


def fitted(folder: Path, *changes: str) -> Paths:
    """Make the warehouse with changes, fit the report's own tables, and return its paths."""
    paths = site_marts(folder, *changes)
    tables = [spec for number, spec in SPECS.items() if "-" not in number]
    fit(paths, settings=FitSettings(with_sensitivities=False), specs=tables)
    return paths


def whole_site(folder: Path) -> Paths:
    """Make the warehouse, gate, fit and render: the site that tests read, and copy to change."""
    paths = site_marts(folder, NEIGHBOURS, SMALL_AGE, FEW_QUARANTINED)
    _keep_bundle(paths)
    gate(paths)
    fit(paths, specs=IN_BRIEF)
    report(paths)
    return paths


def _keep_bundle(paths: Paths) -> None:
    """Take the charts' script over from the build of `make test`: bundling takes seconds."""
    made = Paths.find(PROJECT).build / "cache"
    if "CIN_BUILD_DIR" in os.environ and made.is_dir():
        shutil.copytree(made, paths.build / "cache")


def odd_site(folder: Path) -> Paths:
    """Make and fit real data with gaps: what pages say of them does not depend on one another.

    No CP plan is counted, authority 5 has neither a place on the map nor a return, and
    authority 6 has no events.
    """
    return fitted(
        folder,
        "update quality.rpt_build set dataset = 'real'",
        "delete from modelling.mdl_planted_values",
        "update modelling.mdl_lsoa_counts set n_events = 0 where measure = 'cp_plan'",
        "delete from core.dim_la_tile where la_code = 'E06000005'",
        "delete from quality.rpt_ingest_ledger where la_number = '805'",
        "update modelling.mdl_lsoa_counts set n_events = 0 where la_code = 'E06000006'",
    )


def odd_pages(factory: pytest.TempPathFactory) -> dict[str, str]:
    """Render the pages of the site with gaps, once in a run."""
    return once(factory, "odd_pages", lambda folder: pages(odd_site(folder)))


def copied(template: Paths, folder: Path, *changes: str) -> Paths:
    """Copy a warehouse, its gate, site and cache, apply SQL changes, and return the paths."""
    for name in ("cache", "gate", "site"):
        shutil.copytree(template.build / name, folder / name)
    shutil.copyfile(template.warehouse, folder / template.warehouse.name)
    paths = replace(
        template,
        data=folder / "data",
        build=folder,
        landing=folder / "landing",
        warehouse=folder / template.warehouse.name,
    )
    change(paths, *changes)
    return paths


def pages(paths: Paths) -> dict[str, str]:
    """Render the pages over fitted marts, and nothing that lies beside them, by file name."""
    rules = load_rules()
    data = read_site_data(paths, rules)
    rendered = render_pages(data, content_of(data), rules, has_docs=False)
    return {page.file: page.html for page in rendered}
