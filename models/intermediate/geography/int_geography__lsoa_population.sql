-- Residents of the LSOAs of another census are shared out in proportion to residents of
-- all ages.
with census_year as (
    select * from {{ ref('int_geography__census_year') }}
),

links as (
    select * from {{ ref('int_geography__lsoa_links') }}
),

lsoa_population as (
    select * from {{ ref('stg_reference__lsoa_population') }}
    where sex in ('male', 'female')
),

-- Estimates of the LSOAs of the year are read before those of others.
vintages as (
    {{ vintage_of_year('lsoa_population', 'population_mid_year', 'mid_year') }}
),

-- Where one of several parts is missing, the whole is not known.
by_sex as (
    select
        vintages.census_year,
        links.to_code as lsoa_code,
        {% for age in range(25) -%}
        case
            when count(lsoa_population.age_{{ age }}) = max(links.n_sources)
                then sum(lsoa_population.age_{{ age }} * links.share_of_from)
        end as age_{{ age }},
        {% endfor -%}
        lsoa_population.sex
    from vintages
    inner join lsoa_population
        on vintages.population_mid_year = lsoa_population.mid_year
            and vintages.from_vintage = lsoa_population.lsoa_vintage
    inner join links
        on lsoa_population.lsoa_vintage = links.from_vintage
            and lsoa_population.lsoa_code = links.from_code
            and vintages.to_vintage = links.to_vintage
    group by vintages.census_year, links.to_code, lsoa_population.sex
),

-- The census counts children and young people to 25 at most.
final as (
    {{ unpivot_ages('by_sex', ['census_year', 'lsoa_code', 'sex'], 0, 24) }}
)

select * from final
