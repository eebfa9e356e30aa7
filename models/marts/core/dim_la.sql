with lsoa as (
    select * from {{ ref('int_geography__lsoa') }}
),

authorities as (
    select * from {{ ref('la_authorities') }}
),

la_deprivation as (
    select * from {{ ref('int_geography__la_deprivation') }}
),

lsoa_population as (
    select * from {{ ref('int_geography__lsoa_population') }}
),

populations as (
    select
        lsoa.census_year,
        lsoa.la_code,
        sum(lsoa_population.population) as population
    from lsoa
    inner join lsoa_population
        on lsoa.census_year = lsoa_population.census_year
            and lsoa.lsoa_code = lsoa_population.lsoa_code
    where
        lsoa_population.age between {{ var('age_min') }} and {{ var('age_max') }}
    group by lsoa.census_year, lsoa.la_code
),

neighbourhoods as (
    select
        lsoa.census_year,
        lsoa.la_code,
        lsoa.la_number,
        lsoa.is_study_la,
        count(*) as n_lsoas
    from lsoa
    where lsoa.la_code is not null
    group by lsoa.census_year, lsoa.la_code, lsoa.la_number, lsoa.is_study_la
),

final as (
    select
        neighbourhoods.census_year,
        neighbourhoods.la_code,
        neighbourhoods.la_number,
        authorities.la_name,
        authorities.region_code,
        authorities.region_name,
        neighbourhoods.is_study_la,
        la_deprivation.la_income,
        la_deprivation.la_income_basis,
        neighbourhoods.n_lsoas,
        populations.population
    from neighbourhoods
    inner join authorities
        on neighbourhoods.la_code = authorities.la_code
            and neighbourhoods.census_year
            between authorities.first_census_year and authorities.last_census_year
    left join la_deprivation
        on neighbourhoods.census_year = la_deprivation.census_year
            and neighbourhoods.la_code = la_deprivation.la_code
    left join populations
        on neighbourhoods.census_year = populations.census_year
            and neighbourhoods.la_code = populations.la_code
)

select * from final
