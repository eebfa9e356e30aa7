-- One row per run on real public counts of a build.
select
    run_id,
    census_year
from estimates.runs
where
    dataset = 'public'
    and build_id = $build_id
order by census_year
