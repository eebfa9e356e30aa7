-- One row per LSOA that has a population and a score in every domain, ordered by LA: the
-- rows of the model of Table 2 with one domain in the place of income. The same rows
-- for every domain, so that the fits can be compared.
with complete as (

    select lsoa_code
    from modelling.mdl_lsoa_domains
    where census_year = $census_year
    group by lsoa_code
    having count(x1) = (
        select count(distinct domain)
        from modelling.mdl_lsoa_domains
        where census_year = $census_year and x1 is not null
    )

)

select
    domains.la_code,
    cast(counts.n_events as double) as n_events,
    cast(counts.population as double) as size,
    cast(domains.x1 as double) as x1,
    cast(domains.x2 as double) as x2
from modelling.mdl_lsoa_domains as domains
inner join complete on domains.lsoa_code = complete.lsoa_code
-- one to one
inner join modelling.mdl_lsoa_counts as counts
    on
        domains.lsoa_code = counts.lsoa_code
        and domains.census_year = counts.census_year
where
    domains.census_year = $census_year
    and domains.domain = $domain
    and counts.measure = $measure
    and counts.stratum_type = 'all'
    and counts.stratum = 'all'
    and counts.population > 0
order by domains.la_code, domains.lsoa_code
