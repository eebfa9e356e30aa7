-- The score is put together again from its parts: mean + x2 / 10 + x1 / 10.
select
    census_year,
    lsoa_code
from {{ ref('mdl_lsoa_context') }}
where
    abs(income - (mean_la_income + x2 / 10 + x1 / 10)) > 1e-9
    or income not between 0 and 1
