-- The mid-year population of an MSOA times the census's ethnic shares, by age and sex,
-- so that groups add up to the population (statistics: section 1). An MSOA that the
-- census table lacks has no rows.
with population as (
    select * from {{ ref('int_geography__lsoa_population') }}
    where age between {{ var('age_min') }} and {{ var('age_max') }}
),

lsoas as (
    select * from {{ ref('int_geography__lsoa') }}
),

years as (
    select
        census_year,
        max(msoa_vintage) as msoa_vintage
    from lsoas
    group by census_year
),

shares as (
    select * from {{ ref('int_counts__ethnic_share') }}
),

censuses as (
    select distinct census from shares
),

-- The census whose MSOAs are the year's, or else the one that is there, by code.
census_of_year as (
    select
        years.census_year,
        coalesce(
            max(case
                when censuses.census = years.msoa_vintage then censuses.census
            end),
            max(censuses.census)
        ) as census
    from years
    cross join censuses
    group by years.census_year
),

children as (
    select
        population.census_year,
        lsoas.msoa_code,
        population.sex,
        population.age,
        sum(population.population) as population
    from population
    inner join lsoas
        on
            population.census_year = lsoas.census_year
            and population.lsoa_code = lsoas.lsoa_code
    group by population.census_year, lsoas.msoa_code, population.sex, population.age
),

final as (
    select
        children.census_year,
        children.msoa_code,
        'ethnicity' as stratum_type,
        shares.ethnic_group as stratum,
        sum(children.population * shares.share) as population
    from children
    inner join census_of_year on children.census_year = census_of_year.census_year
    inner join shares
        on
            census_of_year.census = shares.census
            and children.msoa_code = shares.msoa_code
            and children.sex = shares.sex
            and children.age = shares.age
    group by children.census_year, children.msoa_code, shares.ethnic_group
)

select * from final
