-- One row per run on the authority's own rows, the latest census year first.
select
    run_id,
    cast(build_id as varchar) as build_id,
    census_year
from estimates.runs
order by census_year desc
