-- One row per census year of which there are public counts.
select distinct census_year
from modelling.mdl_public_la
order by census_year
