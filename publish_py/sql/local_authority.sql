-- One row per census year of the authority, the earliest first.
with ranked as (
    select
        las.*,
        count(*) over (partition by las.census_year) as n_ranked,
        rank() over (
            partition by las.census_year order by las.la_income desc nulls last
        ) as income_rank,
        avg(las.la_income) over (partition by las.census_year) as mean_la_income
    from core.dim_la as las
    where las.is_study_la
)

select
    census_year,
    la_code,
    la_number,
    la_name,
    region_name,
    n_lsoas,
    population,
    100.0 * la_income as la_income_pct,
    100.0 * mean_la_income as mean_la_income_pct,
    n_ranked,
    income_rank
from ranked
where la_number = $la_number
order by census_year
