-- One row per authority of the 2018/19 census: what areas say of it. A value that the
-- sources cannot give for an authority is NULL.
with authorities as (

    select la_number, la_code
    from la_authorities
    where
        2019 between cast(first_census_year as integer)
        and cast(last_census_year as integer)

),

areas as (

    select
        areas.la_number,
        areas.lsoa11_code,
        areas.lad17_code,
        residents.residents,
        residents.aged_65_plus,
        coalesce(left(rural.ruc_code, 1) in ('D', 'E'), false) as is_rural
    from lsoa_authorities as areas
    inner join lsoa_residents as residents on areas.lsoa11_code = residents.lsoa11_code
    left join ref_lsoa_rural_urban as rural
        on areas.lsoa11_code = rural.lsoa11_code and rural.ruc_release = '2011'

),

people as (

    select
        la_number,
        100 * sum(aged_65_plus) / sum(residents) as population_65_plus,
        100 * avg(cast(is_rural as integer)) as rural_lsoas
    from areas
    group by la_number

),

-- Of districts and unitary authorities before April 2019 (Fingertips 92661, 2015),
-- weighted by residents; only where every district has a value.
depression as (

    select
        areas.la_number,
        case when count(figures.value) = count(*) then
            sum(cast(figures.value as double) * areas.residents) / sum(areas.residents)
        end as depression_prevalence
    from areas
    left join ref_published_indicator as figures
        on
            areas.lad17_code = figures.area_code
            and figures.publication = 'fingertips'
            and figures.measure = 'value'
            and figures.breakdown = 'indicator_id=92661; sex=Persons; age=All ages'
    group by areas.la_number

),

-- Census 2021, in the authorities of 2023: Cumbria and Northamptonshire are the sums of
-- what followed them; Bournemouth, Poole and the old Dorset cannot be told from it.
minorities as (

    select
        case found.la_number
            when '942' then '909' when '943' then '909'
            when '940' then '928' when '941' then '928'
            else found.la_number
        end as la_number,
        100 * (1 - sum(case when census.ethnic_group like 'White:%' then cast(census.persons as double) end)
        / sum(cast(census.persons as double))) as ethnic_minority
    from ref_ethnic_population as census
    inner join (select distinct la_number, la_code from la_authorities) as found
        on census.area_code = found.la_code
    where census.census = '2021' and census.ethnic_group <> 'Does not apply'
    group by 1

)

select
    authorities.la_number,
    authorities.la_code,
    round(people.population_65_plus, 3) as population_65_plus,
    round(minorities.ethnic_minority, 3) as ethnic_minority,
    round(people.rural_lsoas, 3) as rural_lsoas,
    round(depression.depression_prevalence, 3) as depression_prevalence
from authorities
inner join people on authorities.la_number = people.la_number
left join depression on authorities.la_number = depression.la_number
left join minorities on authorities.la_number = minorities.la_number
order by authorities.la_number
