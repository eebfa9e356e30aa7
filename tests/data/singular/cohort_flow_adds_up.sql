-- Each step keeps what the step before kept, less what it dropped, and drops no less
-- than nothing; every measure of every year has all nine steps.
with flow as (
    select
        *,
        lag(n_events) over (
            partition by census_year, measure, timing order by step_no
        ) as n_before,
        count(*) over (partition by census_year, measure, timing) as n_steps
    from {{ ref('rpt_cohort_flow') }}
)

select
    census_year,
    measure,
    timing,
    step
from flow
where
    n_events <> coalesce(n_before, n_events) - n_dropped
    or n_dropped < 0
    or n_cross_border > n_events
    or n_steps <> 9
