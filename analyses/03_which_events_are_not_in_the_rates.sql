-- Question: of the events in the returns, how many do the rates leave out, at which
-- step and why?
-- Answer: one row per measure and step, with what the step dropped as a percentage of
-- the events of the year.
-- Against: the marts, in the room.
with flow as (
    select * from {{ ref('rpt_cohort_flow') }}
    where timing = 'incidence'
),

in_year as (
    select
        census_year,
        measure,
        n_events
    from flow
    where step = 'in_year'
)

select
    flow.census_year,
    flow.measure,
    flow.step_no,
    flow.step,
    flow.n_events,
    flow.n_dropped,
    flow.drop_reason,
    case
        when flow.step_no > 2
            then {{ safe_divide('100.0 * flow.n_dropped', 'in_year.n_events') }}
    end as dropped_pct_of_year
from flow
inner join in_year
    on
        flow.census_year = in_year.census_year
        and flow.measure = in_year.measure
order by flow.census_year, flow.measure, flow.step_no
