with cp_plans as (
    select * from {{ ref('stg_census__child_protection_plans') }}
),

children as (
    select * from {{ ref('int_episodes__children_located') }}
),

spells as (
    select * from {{ ref('int_episodes__spells') }}
    where measure = 'cp_plan'
),

prior_plans as (
    select * from {{ ref('int_episodes__prior_plans') }}
),

steps as (
    select * from {{ ref('int_cohort__steps') }}
    where measure = 'cp_plan' and timing = 'incidence'
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

-- One row per record: every join finds at most one row.
final as (
    select
        cp_plans.census_year,
        cp_plans.la_number,
        cp_plans.child_no,
        cp_plans.referral_no,
        cp_plans.cp_plan_no,
        children.child_key,
        cp_plans.start_date,
        cp_plans.end_date,
        cp_plans.initial_category,
        cp_plans.latest_category,
        cp_plans.n_previous_plans,
        prior_plans.has_prior_plan,
        spells.is_open_on_31_march,
        spells.is_ceased_in_year,
        {{ days_between('cp_plans.start_date', 'cp_plans.end_date') }} as n_days,
        {{ event_age(
            'children.birth_date', 'cp_plans.start_date', 'years.reference_date'
        ) }} as age_at_start,
        children.sex,
        children.ethnic_group,
        children.match_method,
        children.lsoa_code,
        children.la_code,
        coalesce(children.is_cross_border, false) as is_cross_border,
        steps.census_year is not null as is_in_year,
        coalesce(steps.is_counted, false) as is_in_cohort
    from cp_plans
    inner join children
        on
            cp_plans.census_year = children.census_year
            and cp_plans.la_number = children.la_number
            and cp_plans.child_no = children.child_no
    inner join years on cp_plans.census_year = years.census_year
    inner join spells
        on
            cp_plans.census_year = spells.census_year
            and cp_plans.la_number = spells.la_number
            and cp_plans.child_no = spells.child_no
            and cp_plans.referral_no = spells.referral_no
            and cp_plans.cp_plan_no = spells.event_no
    inner join prior_plans
        on
            cp_plans.census_year = prior_plans.census_year
            and cp_plans.la_number = prior_plans.la_number
            and cp_plans.child_no = prior_plans.child_no
            and cp_plans.referral_no = prior_plans.referral_no
            and cp_plans.cp_plan_no = prior_plans.cp_plan_no
    left join steps
        on
            cp_plans.census_year = steps.census_year
            and cp_plans.la_number = steps.la_number
            and cp_plans.child_no = steps.child_no
            and cp_plans.referral_no = steps.referral_no
            and cp_plans.cp_plan_no = steps.event_no
)

select * from final
