-- One row per run on the census, the latest census year first.
select
    run_id,
    cast(build_id as varchar) as build_id,
    dataset,
    census_year,
    domain
from estimates.runs
where dataset <> 'public'
order by census_year desc, started_at desc
