-- One row per LA of the year: its region.
select
    la_code,
    region_code
from modelling.mdl_la_context
where census_year = $census_year
order by la_code
