-- One row per LA of the year that DfE published counts of, ordered by its code: income of
-- IoD 2019, of two other releases, and the public indicators, as z-scores.
select
    la_code,
    cast(la_income_2019_z as double) as la_income_z,
    columns('_z$')
from modelling.mdl_public_la
where census_year = $census_year
order by la_code
