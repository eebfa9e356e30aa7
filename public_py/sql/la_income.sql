-- One row per authority and IoD release: the average income score. Published (File 11,
-- upper tier) where the release has the authority, else the mean of its LSOAs weighted
-- by residents of mid-2019; for 2025, whose scores are of LSOAs of 2021, through the
-- exact-fit lookup, the residents of a divided LSOA in equal parts.
with scores as (

    select lsoa_code, iod_release, lsoa_vintage, cast(score as double) as score
    from ref_lsoa_deprivation
    where domain = 'income' and iod_release in ('2015', '2019', '2025')

),

links as (

    select
        lsoa11_code,
        lsoa21_code,
        1.0 / count(*) over (partition by lsoa11_code) as part
    from ref_lsoa_exact_fit
    where lsoa11_code like 'E%'

),

placed as (

    select lsoa_code as lsoa11_code, iod_release, score, 1.0 as part
    from scores
    where lsoa_vintage = '2011'
    union all
    select links.lsoa11_code, scores.iod_release, scores.score, links.part
    from scores
    inner join links on scores.lsoa_code = links.lsoa21_code
    where scores.lsoa_vintage = '2021'

),

averages as (

    select
        areas.la_number,
        placed.iod_release,
        sum(placed.score * placed.part * residents.residents)
        / sum(placed.part * residents.residents) as income
    from placed
    inner join lsoa_authorities as areas on placed.lsoa11_code = areas.lsoa11_code
    inner join lsoa_residents as residents on placed.lsoa11_code = residents.lsoa11_code
    group by areas.la_number, placed.iod_release

),

-- An authority whose code changed (Gateshead, Northumberland) has one number.
published as (

    select
        authorities.la_number,
        files.iod_release,
        max(cast(files.average_score as double)) as income
    from ref_la_deprivation as files
    inner join la_authorities as authorities on files.la_code = authorities.la_code
    where files.domain = 'income'
    group by authorities.la_number, files.iod_release

)

select
    averages.la_number,
    averages.iod_release,
    round(coalesce(published.income, averages.income), 5) as income,
    case when published.income is null then 'residents' else 'published' end as basis
from averages
left join published
    on
        averages.la_number = published.la_number
        and averages.iod_release = published.iod_release
order by averages.la_number, averages.iod_release
