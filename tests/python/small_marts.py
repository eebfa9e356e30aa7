"""Marts of a little England made by SQL, with the columns that the stages after dbt read.

Twelve authorities of twelve LSOAs in three MSOAs each, counts that follow known coefficients
without noise (rounded), nothing random. Tests change a row or two and look at what happens.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from analysis_py.specs import load_specs
from common_py.paths import Paths

PROJECT = Path(__file__).resolve().parents[2]

#: The project's tables by number, read once.
SPECS = {spec.table_no: spec for spec in load_specs()}

#: The same with the sensitivities of one table alone: those of the others take long.
IN_BRIEF = tuple(
    spec if number == "2" else replace(spec, sensitivities=()) for number, spec in SPECS.items()
)

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
union all select 'age', cast(age as varchar), 'Age ' || age, age from range(5, 16) as ages (age)
union all select * from (values
    ('factor', '1A', 'Child''s alcohol misuse', 1), ('factor', 'any', 'Any factor', 99),
    ('category', 'neglect', 'CPP Category: Neglect', 1),
    ('category', 'emotional', 'CPP Category: Emotional', 2),
    ('source', 'police', 'Police', 1), ('source', 'individuals', 'Individuals', 2)
);

create table modelling.mdl_la_context as
select
    census_year, la_code, la_name, 'E1200000' || (1 + la_number::int % 3) as region_code,
    la_income, 0.145 as mean_la_income, 10 * (la_income - 0.145) as x2,
    (la_income - 0.145) / 0.036 as la_income_z, 12 as n_lsoas, 3000.0 as population,
    0.8 + 0.01 * sin(la_number::int) as match_rate,
    -- one indicator that goes its own way, one too close to income, one not everywhere
    40 + 10 * cos(2 * la_number::int) as vacancy_rate, cos(2 * la_number::int) as vacancy_rate_z,
    100 * la_income as infant_mortality, (la_income - 0.145) / 0.036 as infant_mortality_z,
    case when la_number <> '812' then 5.0 end as turnover_rate,
    case when la_number <> '812' then sin(3 * la_number::int) end as turnover_rate_z
from core.dim_la;

create table modelling.mdl_lsoa_context as
select
    las.census_year, las.la_code || '-' || printf('%02d', lsoa) as lsoa_code,
    las.la_code || '-M' || (lsoa - 1) // 4 as msoa_code, las.la_code,
    las.la_income + 0.02 * (lsoa - 6.5) / 2 as income, las.la_income, 0.145 as mean_la_income,
    0.1 * (lsoa - 6.5) as x1, 10 * (las.la_income - 0.145) as x2,
    lsoa in (3, 8) as is_rural, 100.0 * (1 + (7 * lsoa + las.la_number::int) % 13) ** 2
    as people_per_sq_km, ln(100.0 * (1 + (7 * lsoa + las.la_number::int) % 13) ** 2) as log_density,
    case when (7 * lsoa + las.la_number::int) % 13 < 4 then 'sparse' else 'dense' end
    as density_band,
    1 + (lsoa - 1) * 5 // 12 as income_quintile, 1 + (lsoa - 1) * 10 // 12 as income_decile,
    250.0 as population
from core.dim_la as las cross join range(1, 13) as lsoas (lsoa);

create table core.dim_lsoa as
select census_year, lsoa_code, msoa_code, la_code, true as is_study_la, income, is_rural, population
from modelling.mdl_lsoa_context;

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

create table modelling.mdl_msoa_context as
select
    census_year, msoa_code, la_code, avg(income) as income, la_income, mean_la_income,
    avg(x1) as x1, x2, false as is_rural, avg(people_per_sq_km) as people_per_sq_km,
    avg(log_density) as log_density
from modelling.mdl_lsoa_context group by census_year, msoa_code, la_code, la_income,
    mean_la_income, x2;
-- populations by ethnic group are fractions of children
create table modelling.mdl_msoa_counts as
select
    counts.census_year, counts.msoa_code, counts.la_code, counts.measure,
    'ethnicity' as stratum_type, ethnic.stratum,
    cast(round(sum(n_events * ethnic.share)) as bigint) as n_events,
    sum(counts.population * ethnic.share) as population
from modelling.mdl_lsoa_counts as counts
cross join (values ('asian', 0.21), ('black', 0.17), ('mixed', 0.13), ('other', 0.11),
    ('white', 0.38)) as ethnic (stratum, share)
where counts.stratum_type = 'all' group by all
union all
select
    census_year, msoa_code, la_code, measure, 'all', 'all', sum(n_events)::bigint, sum(population)
from modelling.mdl_lsoa_counts where stratum_type = 'all' group by all;

create table modelling.mdl_episode_outcomes as
select
    counts.census_year, outcome, counts.lsoa_code, counts.la_code, n_events as trials,
    cast(round(n_events / (1 + exp(1.0 - 0.1 * x1 + 0.1 * x2 + 0.05 * x1 * x2
        - 0.2 * cos(right(counts.la_code, 2)::int)))) as bigint) as successes
from modelling.mdl_lsoa_counts as counts
inner join modelling.mdl_lsoa_context as context
    on counts.lsoa_code = context.lsoa_code and counts.census_year = context.census_year
cross join (values ('rereferral_12m'), ('prior_cp_plan'), ('cin_ceased_3m'), ('cp_plan_ceased_6m'))
    as outcomes (outcome)
where measure = 'referral' and stratum = 'all' and n_events > 0;

create table modelling.mdl_spell_months as
select
    outcomes.census_year, measure, lsoa_code, month as month_no,
    cast(round(trials * 0.8 ** month) as bigint)
    as at_risk, cast(round(trials * 0.8 ** month * 0.2) as bigint) as ceased
from modelling.mdl_episode_outcomes as outcomes
cross join (values ('cin'), ('cp_plan')) as measures (measure)
cross join range(0, 4) as months (month) where outcome = 'cin_ceased_3m';

create table modelling.mdl_lsoa_domains as
select
    census_year, lsoa_code, la_code, domain,
    case domain when 'income' then income else income + 0.05 * cos(37 * income * 100) end as score,
    case domain when 'income' then x1 else x1 + 0.5 * cos(37 * income * 100) end as x1, x2
from modelling.mdl_lsoa_context
cross join (values ('income'), ('employment'), ('crime')) as domains (domain);

create table modelling.mdl_published_values (
    table_no varchar, row_label varchar, statistic varchar, value double, ci_low double,
    ci_high double, p_value varchar
);
insert into modelling.mdl_published_values values
    ('2', 'Referral', 'irr', 1.62, 1.62, 1.63, null),
    ('2', 'Referral', 'n', 300830, null, null, null);
create table modelling.mdl_public_la (census_year integer, la_code varchar, la_name varchar);

create table modelling.mdl_planted_values as
select '2' as table_no, 'Referral' as row_label, 'irr' as statistic, exp(0.5) as value;

create table rates.fct_rates_la as
select
    census_year, la_code, measure, 'episode' as basis, 'incidence' as timing, stratum_type,
    stratum, cast(sum(n_events) as bigint) as numerator, sum(population) as denominator,
    10000.0 * sum(n_events) / sum(population) as rate_per_10k,
    9900.0 * sum(n_events) / sum(population) as ci_low,
    10100.0 * sum(n_events) / sum(population) as ci_high
from modelling.mdl_lsoa_counts group by all;
create table rates.fct_rates_lsoa as
select
    census_year, lsoa_code, la_code, measure, basis, timing, stratum_type, stratum,
    n_events as numerator, population as denominator
from modelling.mdl_lsoa_counts
cross join (values ('episode', 'incidence'), ('person', 'incidence'), ('episode', 'prevalence'))
    as kinds (basis, timing)
where timing = 'incidence' or measure in ('cin', 'cp_plan');
alter table modelling.mdl_la_context add column referral_rate_per_10k double;
alter table modelling.mdl_la_context add column cin_rate_per_10k double;
alter table modelling.mdl_la_context add column cp_plan_rate_per_10k double;
update modelling.mdl_la_context as las set
    referral_rate_per_10k = (
        select rate_per_10k from rates.fct_rates_la as rates
        where rates.la_code = las.la_code and measure = 'referral' and stratum = 'all'
    ), cin_rate_per_10k = 250 + 5 * sin(las.la_income * 100),
    cp_plan_rate_per_10k = 40 + sin(las.la_income * 70);

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
create table quality.rpt_validation_decisions as
select
    2019 as census_year, cast(800 + la as varchar) as la_number, 'enters' as decision
from range(1, 3) as las (la);
create table quality.rpt_cohort_flow as
select
    2019 as census_year, measure, 'incidence' as timing, step_no, step, drop_reason,
    10000 - 3 * step_no as n_events, n_dropped, 2 as n_cross_border
from core.dim_measure cross join (values
    (1, 'in_returns', null, 0), (2, 'in_year', 'a date outside the census year', 3)
) as steps (step_no, step, drop_reason, n_dropped);
create table quality.rpt_reconciliation as
select 2019 as census_year, 'referral' as measure, 0.5 as ratio, false as is_comparable;
create table quality.rpt_reconciliation_la as
select
    2019 as census_year, la_number, 'referral' as measure, false as is_comparable,
    'synthetic_not_compared' as reason
from core.dim_la;
"""


def small_marts(folder: Path, *changes: str) -> Paths:
    """Make a warehouse of small marts in a folder, apply SQL changes, and return its paths."""
    return made_marts(folder, (), changes)


def made_marts(folder: Path, always: tuple[str, ...], changes: tuple[str, ...]) -> Paths:
    """Make the marts with what some tests always add, once a process, and change a copy."""
    paths = _paths(folder)
    paths.warehouse.write_bytes(_made(always))
    change(paths, *changes)
    return paths


def _paths(folder: Path) -> Paths:
    return Paths(PROJECT, folder / "data", folder, folder / "landing", folder / "warehouse.duckdb")


@cache
def _made(always: tuple[str, ...]) -> bytes:
    with TemporaryDirectory() as folder:
        paths = _paths(Path(folder))
        change(paths, _MARTS, *always)
        return paths.warehouse.read_bytes()


def change(paths: Paths, *statements: str) -> None:
    """Run SQL in the warehouse."""
    with duckdb.connect(str(paths.warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def query(paths: Paths, text: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with duckdb.connect(str(paths.warehouse), read_only=True) as connection:
        return connection.execute(text).fetchall()
