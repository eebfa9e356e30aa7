with events as (
    select * from {{ ref('int_episodes__events') }}
),

-- The last step that an event passes, numbered as in int_cohort__flow_steps: all events
-- here are in the returns (1) and in the year (2); step 8 is to be counted.
stepped as (
    select
        census_year,
        la_number,
        child_no,
        person_no,
        referral_no,
        measure,
        timing,
        event_no,
        event_date,
        age,
        sex,
        ethnic_group,
        match_method,
        lsoa_code,
        la_code,
        is_cross_border,
        case
            when birth_date is null then 2
            when
                age is null
                or age not between {{ var('age_min') }} and {{ var('age_max') }}
                then 3
            when location_status = 'unmatched' then 4
            when location_status = 'outside_england' then 5
            when location_status = 'unknown_lsoa' then 6
            when location_status = 'outside_study' then 7
            else 8
        end as last_step_no
    from events
),

-- A person is placed and aged at the first of its counted events.
final as (
    select
        *,
        last_step_no = 8 as is_counted,
        last_step_no = 8
        and row_number() over (
            partition by
                census_year, measure, timing, la_number, person_no, last_step_no = 8
            order by event_date, child_no, referral_no, event_no
        ) = 1 as is_first_counted
    from stepped
)

select * from final
