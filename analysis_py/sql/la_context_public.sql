-- One row per LA of the year that DfE published counts of: its income deprivation (IoD
-- 2019) and the public indicators.
select
    la_code,
    cast(income_2019 as double) as la_income,
    columns('_z$')
from modelling.mdl_public_la
where census_year = $census_year
order by la_code
