with flow_steps as (
    select * from {{ ref('int_cohort__flow_steps') }}
),

occurrences as (
    select * from {{ ref('int_episodes__occurrences') }}
),

cohort_steps as (
    select * from {{ ref('int_cohort__steps') }}
),

returned as (
    select
        census_year,
        measure,
        timing,
        count(*) as n_events
    from occurrences
    group by census_year, measure, timing
),

-- An event whose last step is n has passed every step before it.
passed as (
    select
        census_year,
        measure,
        timing,
        last_step_no,
        count(*) as n_events,
        count(case when is_cross_border then 1 end) as n_cross_border
    from cohort_steps
    group by census_year, measure, timing, last_step_no
),

-- Every measure of every year has its rows, with zeros where nothing was returned.
remaining as (
    select
        flow_steps.census_year,
        flow_steps.measure,
        flow_steps.timing,
        flow_steps.step_no,
        flow_steps.step,
        flow_steps.drop_reason,
        case
            when flow_steps.step_no = 1 then coalesce(max(returned.n_events), 0)
            else coalesce(sum(passed.n_events), 0)
        end as n_events,
        coalesce(sum(passed.n_cross_border), 0) as n_cross_border
    from flow_steps
    left join returned
        on
            flow_steps.census_year = returned.census_year
            and flow_steps.measure = returned.measure
            and flow_steps.timing = returned.timing
    left join passed
        on
            flow_steps.census_year = passed.census_year
            and flow_steps.measure = passed.measure
            and flow_steps.timing = passed.timing
            and flow_steps.step_no <= passed.last_step_no
    group by
        flow_steps.census_year,
        flow_steps.measure,
        flow_steps.timing,
        flow_steps.step_no,
        flow_steps.step,
        flow_steps.drop_reason
),

final as (
    select
        census_year,
        measure,
        timing,
        step_no,
        step,
        cast(n_events as bigint) as n_events,
        cast(coalesce(lag(n_events) over (
            partition by census_year, measure, timing order by step_no
        ) - n_events, 0) as bigint) as n_dropped,
        drop_reason,
        cast(n_cross_border as bigint) as n_cross_border
    from remaining
)

select * from final
