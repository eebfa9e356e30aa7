-- One row per census year that the rates hold, the latest first.
select distinct census_year
from rates.fct_rates_la
order by census_year desc
