"""Marts of a little England made by SQL, with the columns that the stages after dbt read.

Twelve authorities of twelve LSOAs, counts that follow known coefficients without noise
(rounded), nothing random. Tests change a row or two and look at what happens.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from common_py.paths import Paths

PROJECT = Path(__file__).resolve().parents[2]

_MARTS = """
create schema core; create schema rates; create schema modelling; create schema quality;

create table quality.rpt_build as
select
    'build-one' as build_id, 'synthetic' as dataset, 'abc' as input_sha256,
    '0.1.0' as project_version, 5 as age_min, 15 as age_max, 'income' as deprivation_domain,
    0.95 as confidence_level;

create table core.dim_la as
select
    2019 as census_year, 'E0' || (6000000 + la) as la_code, cast(800 + la as varchar) as la_number,
    'Authority ' || la as la_name, true as is_study_la, 0.08 + 0.01 * la as la_income
from range(1, 13) as las (la);

create table core.dim_measure as
select * from (values
    ('referral', 'Referral', 1, 'Referral'), ('assessment', 'Assessment', 2, 'Assessment'),
    ('cin', 'CIN', 3, 'CIN'), ('s47', 'S47', 4, 'S47'),
    ('cp_conference', 'CP Conference', 5, 'CP Conference'), ('cp_plan', 'CP Plan', 6, 'CP Plan')
) as measures (measure, label, threshold_no, report_label);

create table core.dim_stratum as
select 'all' as stratum_type, 'all' as stratum, 'All children' as label, 1 as sort_order
union all select 'sex', 'male', 'Males', 1 union all select 'sex', 'female', 'Females', 2
union all select 'age', cast(age as varchar), 'Age ' || age, age from range(5, 16) as ages (age);

create table modelling.mdl_lsoa_context as
select
    las.census_year, las.la_code || '-' || printf('%02d', lsoa) as lsoa_code,
    las.la_code || '-M' as msoa_code, las.la_code,
    las.la_income + 0.02 * (lsoa - 6.5) / 2 as income, las.la_income, 0.145 as mean_la_income,
    0.1 * (lsoa - 6.5) as x1, 10 * (las.la_income - 0.145) as x2,
    false as is_rural, 3000.0 as people_per_sq_km, 250.0 as population
from core.dim_la as las cross join range(1, 13) as lsoas (lsoa);

create table modelling.mdl_lsoa_counts as
select
    context.census_year, context.lsoa_code, context.msoa_code, context.la_code,
    measures.measure, strata.stratum_type, strata.stratum,
    cast(round(
        population * case when strata.stratum_type = 'all' then 1 else 0.5 end
        * 0.2 / measures.threshold_no
        * exp(0.5 * context.x1 - 0.1 * context.x2 - 0.2 * context.x1 * context.x2
              + 0.3 * sin(cast(right(context.la_code, 2) as integer)))
    ) as bigint) as n_events,
    population * case when strata.stratum_type = 'all' then 1 else 0.5 end as population
from modelling.mdl_lsoa_context as context
cross join core.dim_measure as measures
cross join core.dim_stratum as strata;

create table modelling.mdl_published_values (
    table_no varchar, row_label varchar, statistic varchar, value double, ci_low double,
    ci_high double
);
insert into modelling.mdl_published_values values
    ('2', 'Referral', 'irr', 1.62, 1.62, 1.63), ('2', 'Referral', 'n', 300830, null, null);
create table modelling.mdl_planted_values as
select '2' as table_no, 'Referral' as row_label, 'irr' as statistic, exp(0.5) as value;

create table rates.fct_rates_la as
select
    census_year, la_code, measure, 'episode' as basis, 'incidence' as timing, stratum_type,
    stratum, cast(sum(n_events) as bigint) as numerator, sum(population) as denominator,
    10000.0 * sum(n_events) / sum(population) as rate_per_10k
from modelling.mdl_lsoa_counts group by all;

create table quality.rpt_ingest_ledger as
select
    'children' as table_name, census_year, la_number, 500::bigint as n_rows_read,
    500::bigint as n_rows_kept, 0::bigint as n_rows_quarantined, 500::bigint as n_rows_staged
from core.dim_la;
create table quality.rpt_validation_summary as
select
    census_year, la_number, rule_code, severity, rule_code || ' is broken' as message,
    500::bigint as n_child_records, n_issues::bigint as n_issues,
    n_children::bigint as n_children_affected
from core.dim_la cross join (values
    ('8650', 'error', 40, 30), ('8770Q', 'query', 8, 3), ('100', 'error', 0, 0)
) as rules (rule_code, severity, n_issues, n_children);
create table quality.rpt_match_rates as
select 2019 as census_year, 'all' as breakdown, 'all' as category, 6000::bigint as n_children,
    4860::bigint as n_matched, 0.81 as match_rate
union all select 2019, 'sex', 'male', 3000, 2430, 0.81
union all select 2019, 'sex', 'female', 3000, 2430, 0.81
union all select 2019, 'la', la_code, 500, 405, 0.81 from core.dim_la;
create table quality.rpt_cohort_flow as
select
    2019 as census_year, measure, 'incidence' as timing, step_no, step, drop_reason,
    10000 - 3 * step_no as n_events, n_dropped, 2 as n_cross_border
from core.dim_measure cross join (values
    (1, 'in_returns', null, 0), (2, 'in_year', 'a date outside the census year', 3)
) as steps (step_no, step, drop_reason, n_dropped);
create table quality.rpt_reconciliation as
select 2019 as census_year, 'referral' as measure, 0.5 as ratio, false as is_comparable;
"""


def small_marts(folder: Path, *changes: str) -> Paths:
    """Make a warehouse of small marts in a folder, apply SQL changes, and return its paths."""
    paths = Paths(PROJECT, folder / "data", folder, folder / "landing", folder / "warehouse.duckdb")
    change(paths, _MARTS, *changes)
    return paths


def change(paths: Paths, *statements: str) -> None:
    """Run SQL in the warehouse."""
    with duckdb.connect(str(paths.warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def query(paths: Paths, text: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with duckdb.connect(str(paths.warehouse), read_only=True) as connection:
        return connection.execute(text).fetchall()
