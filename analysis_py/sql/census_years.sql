-- One row per census year that can be modelled, the latest first.
select distinct census_year
from modelling.mdl_lsoa_context
order by census_year desc
