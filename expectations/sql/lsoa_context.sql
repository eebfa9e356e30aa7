-- One row per neighbourhood: the children counted in its rates, and its income deprivation.
select
    lsoa_code as label,
    population,
    100.0 * income as income_pct
from modelling.mdl_lsoa_context
where census_year = $census_year
order by lsoa_code
