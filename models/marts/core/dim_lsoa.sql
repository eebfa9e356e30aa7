with lsoa as (
    select * from {{ ref('int_geography__lsoa') }}
),

deprivation as (
    select * from {{ ref('int_geography__lsoa_deprivation') }}
),

context as (
    select * from {{ ref('int_geography__lsoa_context') }}
),

lsoa_population as (
    select * from {{ ref('int_geography__lsoa_population') }}
),

populations as (
    select
        lsoa_population.census_year,
        lsoa_population.lsoa_code,
        sum(lsoa_population.population) as population
    from lsoa_population
    where
        lsoa_population.age between {{ var('age_min') }} and {{ var('age_max') }}
    group by lsoa_population.census_year, lsoa_population.lsoa_code
),

final as (
    select
        lsoa.census_year,
        lsoa.lsoa_code,
        lsoa.lsoa_vintage as geography_vintage,
        lsoa.msoa_vintage,
        lsoa.msoa_code,
        lsoa.la_code,
        lsoa.region_code,
        lsoa.is_study_la,
        deprivation.income,
        context.is_rural,
        context.people_per_sq_km,
        populations.population
    from lsoa
    left join deprivation
        on lsoa.census_year = deprivation.census_year
            and lsoa.lsoa_code = deprivation.lsoa_code
    left join context
        on lsoa.census_year = context.census_year
            and lsoa.lsoa_code = context.lsoa_code
    left join populations
        on lsoa.census_year = populations.census_year
            and lsoa.lsoa_code = populations.lsoa_code
)

select * from final
