-- One row per domain of deprivation that LSOAs have a score in.
select distinct domain
from modelling.mdl_lsoa_domains
where census_year = $census_year and x1 is not null
order by domain
