with assessments as (
    select * from {{ ref('stg_census__assessments') }}
),

children as (
    select * from {{ ref('int_episodes__children_located') }}
),

steps as (
    select * from {{ ref('int_cohort__steps') }}
    where measure = 'assessment' and timing = 'incidence'
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

-- One row per record: every join finds at most one row.
final as (
    select
        assessments.census_year,
        assessments.la_number,
        assessments.child_no,
        assessments.referral_no,
        assessments.assessment_no,
        children.child_key,
        assessments.start_date,
        assessments.internal_review_date,
        assessments.authorisation_date,
        {{ days_between(
            'assessments.start_date', 'assessments.authorisation_date'
        ) }} as n_days,
        {{ event_age(
            'children.birth_date', 'assessments.authorisation_date', 'years.reference_date'
        ) }} as age_at_authorisation,
        children.sex,
        children.ethnic_group,
        children.match_method,
        children.lsoa_code,
        children.la_code,
        coalesce(children.is_cross_border, false) as is_cross_border,
        steps.census_year is not null as is_in_year,
        coalesce(steps.is_counted, false) as is_in_cohort
    from assessments
    inner join children
        on
            assessments.census_year = children.census_year
            and assessments.la_number = children.la_number
            and assessments.child_no = children.child_no
    inner join years on assessments.census_year = years.census_year
    left join steps
        on
            assessments.census_year = steps.census_year
            and assessments.la_number = steps.la_number
            and assessments.child_no = steps.child_no
            and assessments.referral_no = steps.referral_no
            and assessments.assessment_no = steps.event_no
)

select * from final
