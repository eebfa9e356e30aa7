-- One row per LA of the year, ordered by its code. Where every term of a model is a
-- property of authorities, their totals hold all that its likelihood needs of LSOAs.
select
    la_code,
    cast(x2 as double) as x2,
    cast(match_rate as double) as match_rate,
    columns('_z$')
from modelling.mdl_la_context
where census_year = $census_year
order by la_code
