-- The average score of an authority. File 11 weighs LSOAs by all residents, so an
-- authority that did not exist when File 11 was published takes the same mean, made
-- here from its LSOAs and the release's own denominators.
{%- set weighting = var('la_average_weighting') %}
with census_year as (
    select * from {{ ref('int_geography__census_year') }}
),

lsoa as (
    select * from {{ ref('int_geography__lsoa') }}
),

scores as (
    select * from {{ ref('int_geography__lsoa_deprivation') }}
),

links as (
    select * from {{ ref('int_geography__lsoa_links') }}
),

iod_population as (
    select * from {{ ref('stg_reference__lsoa_iod_population') }}
),

la_deprivation as (
    select * from {{ ref('stg_reference__la_deprivation') }}
),

authorities as (
    select * from {{ ref('la_authorities') }}
),

code_numbers as (
    select distinct
        authorities.la_code,
        authorities.la_number
    from authorities
),

-- Releases name authorities by the codes of their own year: Gateshead and
-- Northumberland changed code in 2013, North Yorkshire and Somerset in 2023.
published as (
    select
        la_deprivation.iod_release,
        code_numbers.la_number,
        la_deprivation.average_score
    from la_deprivation
    inner join code_numbers
        on la_deprivation.la_code = code_numbers.la_code
    where la_deprivation.domain = '{{ var('deprivation_domain') }}'
),

-- The denominators of a release, in the LSOAs of the year.
weights as (
    select
        census_year.census_year,
        links.to_code as lsoa_code,
        sum(iod_population.total_population * links.share_of_from) as residents,
        sum(iod_population.dependent_children * links.share_of_from) as children
    from census_year
    inner join iod_population
        on census_year.iod_release = iod_population.iod_release
    inner join links
        on iod_population.lsoa_vintage = links.from_vintage
            and iod_population.lsoa_code = links.from_code
            and census_year.lsoa_vintage = links.to_vintage
    group by census_year.census_year, links.to_code
),

weighted as (
    select
        lsoa.census_year,
        lsoa.la_code,
        min(lsoa.la_number) as la_number,
        min(census_year.iod_release) as iod_release,
        {{ weighted_mean('scores.income', 'weights.residents') }} as residents_mean,
        {{ weighted_mean('scores.income', 'weights.children') }} as children_mean
    from lsoa
    inner join census_year
        on lsoa.census_year = census_year.census_year
    left join scores
        on lsoa.census_year = scores.census_year
            and lsoa.lsoa_code = scores.lsoa_code
    left join weights
        on lsoa.census_year = weights.census_year
            and lsoa.lsoa_code = weights.lsoa_code
    where lsoa.la_code is not null
    group by lsoa.census_year, lsoa.la_code
),

final as (
    select
        weighted.census_year,
        weighted.la_code,
        case '{{ weighting }}'
            when 'published'
                then coalesce(published.average_score, weighted.residents_mean)
            when 'residents' then weighted.residents_mean
            when 'children' then weighted.children_mean
        end as la_income,
        case
            when published.average_score is not null then '{{ weighting }}'
            when '{{ weighting }}' = 'published' then 'residents'
            else '{{ weighting }}'
        end as la_income_basis
    from weighted
    left join published
        on weighted.la_number = published.la_number
            and weighted.iod_release = published.iod_release
)

select * from final
