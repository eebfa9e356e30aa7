select
    census_year,
    msoa_code,
    count(distinct la_code) as n_authorities
from {{ ref('dim_lsoa') }}
group by census_year, msoa_code
having count(distinct la_code) > 1
