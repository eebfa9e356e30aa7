-- As many rows as areas times cells, no area or cell of another kind among them.
with areas as (
    select
        census_year,
        count(distinct msoa_code) as n_areas
    from {{ ref('dim_lsoa') }}
    where is_study_la
    group by census_year
),

cells as (
    select count(*) as n_cells
    from {{ ref('int_counts__grid') }}
    where is_at_msoa
),

rates as (
    select
        census_year,
        count(*) as n_rows,
        count(distinct msoa_code) as n_areas
    from {{ ref('fct_rates_msoa') }}
    group by census_year
)

select
    areas.census_year,
    areas.n_areas * cells.n_cells as n_expected,
    rates.n_rows
from areas
cross join cells
left join rates on areas.census_year = rates.census_year
where
    coalesce(rates.n_rows, 0) <> areas.n_areas * cells.n_cells
    or rates.n_areas <> areas.n_areas
