with census_year as (
    select * from {{ ref('int_geography__census_year') }}
),

lsoa as (
    select * from {{ ref('int_geography__lsoa') }}
),

lsoa_population as (
    select * from {{ ref('stg_reference__lsoa_population') }}
),

by_sex as (
    select
        lsoa.census_year,
        lsoa_population.*
    from lsoa
    inner join census_year
        on lsoa.census_year = census_year.census_year
    inner join lsoa_population
        on lsoa.lsoa_code = lsoa_population.lsoa_code
            and census_year.population_mid_year = lsoa_population.mid_year
    where lsoa_population.sex in ('male', 'female')
),

-- The census counts children and young people to 25 at most.
final as (
    {{ unpivot_ages('by_sex', ['census_year', 'lsoa_code', 'sex'], 0, 24) }}
)

select * from final
