with section47 as (
    select * from {{ ref('stg_census__section47') }}
),

children as (
    select * from {{ ref('int_episodes__children_located') }}
),

steps as (
    select * from {{ ref('int_cohort__steps') }}
    where measure = 's47' and timing = 'incidence'
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

-- One row per record: every join finds at most one row.
final as (
    select
        section47.census_year,
        section47.la_number,
        section47.child_no,
        section47.referral_no,
        section47.section47_no,
        children.child_key,
        section47.start_date,
        section47.initial_cpc_target_date,
        section47.initial_cpc_date,
        section47.is_icpc_not_required,
        {{ event_age(
            'children.birth_date', 'section47.start_date', 'years.reference_date'
        ) }} as age_at_start,
        children.sex,
        children.ethnic_group,
        children.match_method,
        children.lsoa_code,
        children.la_code,
        coalesce(children.is_cross_border, false) as is_cross_border,
        steps.census_year is not null as is_in_year,
        coalesce(steps.is_counted, false) as is_in_cohort
    from section47
    inner join children
        on
            section47.census_year = children.census_year
            and section47.la_number = children.la_number
            and section47.child_no = children.child_no
    inner join years on section47.census_year = years.census_year
    left join steps
        on
            section47.census_year = steps.census_year
            and section47.la_number = steps.la_number
            and section47.child_no = steps.child_no
            and section47.referral_no = steps.referral_no
            and section47.section47_no = steps.event_no
)

select * from final
