"""The small marts with what the site reads besides: places on the map, rates that add up."""

from __future__ import annotations

from pathlib import Path

from analysis_py import fit
from analysis_py.settings import FitSettings
from common_py.paths import Paths
from publish_py import report
from tests.python.small_marts import PROJECT, small_marts

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
        cast(ci_high as double) as ci_high
    from read_csv(
        '{(PROJECT / "seeds" / "published" / "report_values.csv").as_posix()}', all_varchar = true
    )
    """,  # noqa: S608 - our own file
)


def site_marts(folder: Path, *changes: str) -> Paths:
    """Make a warehouse that the site can be rendered from, once its models are fitted."""
    return small_marts(folder, *_SITE_MARTS, *changes)


def site(folder: Path, *changes: str) -> Paths:
    """Make the warehouse, fit, render, and return its paths."""
    paths = site_marts(folder, *changes)
    fit(paths, settings=FitSettings(with_sensitivities=False))
    report(paths)
    return paths
