-- As many cells as areas times strata of every kind that may be published.
with areas as (
    select
        census_year,
        'la' as grain,
        count(*) as n_areas
    from {{ ref('dim_la') }}
    where is_study_la
    group by census_year
    union all
    select
        census_year,
        'region' as grain,
        count(distinct region_code) as n_areas
    from {{ ref('dim_la') }}
    where is_study_la
    group by census_year
    union all
    select distinct
        census_year,
        'england' as grain,
        1 as n_areas
    from {{ ref('dim_la') }}
    where is_study_la
    union all
    select
        census_year,
        'msoa' as grain,
        count(distinct msoa_code) as n_areas
    from {{ ref('dim_lsoa') }}
    where is_study_la
    group by census_year
),

strata as (
    select
        stratum_type,
        count(*) as n_strata
    from {{ ref('dim_stratum') }}
    group by stratum_type
),

listed as (
    select
        areas.census_year,
        register.grain,
        sum(areas.n_areas * strata.n_strata) as n_cells
    from {{ ref('dsc_register') }} as register
    inner join areas on register.grain = areas.grain
    inner join strata on register.stratum_type = strata.stratum_type
    where register.is_publishable
    group by areas.census_year, register.grain
),

-- Kinds of neighbourhood are there where there are such neighbourhoods.
cells as (
    select
        census_year,
        grain,
        count(*) as n_cells
    from {{ ref('dsc_cells') }}
    where stratum_type in (select strata.stratum_type from strata)
    group by census_year, grain
)

select
    listed.census_year,
    listed.grain,
    listed.n_cells as n_expected,
    cells.n_cells as n_found
from listed
left join cells
    on
        listed.census_year = cells.census_year
        and listed.grain = cells.grain
where listed.n_cells is distinct from cells.n_cells
