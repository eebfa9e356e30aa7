with events as (
    select * from {{ ref('int_episodes__events') }}
),

left_out as (
    select * from {{ ref('int_validation__decisions') }}
    where not is_counted
),

-- The last step that an event passes, numbered as in int_cohort__flow_steps: all events
-- here are in the returns (1) and in the year (2); step 9 is to be counted.
stepped as (
    select
        events.census_year,
        events.la_number,
        events.child_no,
        events.person_no,
        events.referral_no,
        events.measure,
        events.timing,
        events.event_no,
        events.event_date,
        events.age,
        events.sex,
        events.ethnic_group,
        events.match_method,
        events.lsoa_code,
        events.la_code,
        events.is_cross_border,
        case
            when events.birth_date is null then 2
            when
                events.age is null
                or events.age not between {{ var('age_min') }} and {{ var('age_max') }}
                then 3
            when events.location_status = 'unmatched' then 4
            when events.location_status = 'outside_england' then 5
            when events.location_status = 'unknown_lsoa' then 6
            when left_out.la_number is not null then 7
            when events.location_status = 'outside_study' then 8
            else 9
        end as last_step_no
    from events
    left join left_out
        on
            events.census_year = left_out.census_year
            and events.la_number = left_out.la_number
),

-- A person is placed and aged at the first of its counted events.
final as (
    select
        *,
        last_step_no = 9 as is_counted,
        last_step_no = 9
        and row_number() over (
            partition by
                census_year, measure, timing, la_number, person_no, last_step_no = 9
            order by
                event_date,
                child_no nulls last,
                referral_no nulls last,
                event_no nulls last
        ) = 1 as is_first_counted
    from stepped
)

select * from final
