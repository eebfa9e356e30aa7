-- One row per pair of domains of deprivation: their correlation over LSOAs.
select
    one.domain as variable_a,
    other.domain as variable_b,
    count(*) as n_areas,
    corr(one.score, other.score) as correlation
from modelling.mdl_lsoa_domains as one
-- each LSOA has each domain at most once
inner join modelling.mdl_lsoa_domains as other
    on
        one.census_year = other.census_year
        and one.lsoa_code = other.lsoa_code
        and one.domain < other.domain
where
    one.census_year = $census_year
    and one.score is not null
    and other.score is not null
group by one.domain, other.domain
order by one.domain, other.domain
