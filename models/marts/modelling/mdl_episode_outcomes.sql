with steps as (
    select * from {{ ref('int_cohort__steps') }}
    where is_counted
),

rereferral as (
    select * from {{ ref('int_episodes__rereferral') }}
),

spells as (
    select * from {{ ref('int_episodes__spells') }}
),

prior_plans as (
    select * from {{ ref('int_episodes__prior_plans') }}
),

-- One trial per counted episode; the outcome is NULL where nobody recorded it.
trials as (
    -- Report, Table 9: of referrals in the year.
    select
        'rereferral_12m' as outcome,
        steps.census_year,
        steps.lsoa_code,
        steps.la_code,
        rereferral.is_rereferral as is_success
    from steps
    inner join rereferral
        on
            steps.census_year = rereferral.census_year
            and steps.la_number = rereferral.la_number
            and steps.child_no = rereferral.child_no
            and steps.referral_no = rereferral.referral_no
    where steps.measure = 'referral' and steps.timing = 'incidence'

    union all

    -- Table 9: of plans starting in the year.
    select
        'prior_cp_plan' as outcome,
        steps.census_year,
        steps.lsoa_code,
        steps.la_code,
        prior_plans.has_prior_plan as is_success
    from steps
    inner join prior_plans
        on
            steps.census_year = prior_plans.census_year
            and steps.la_number = prior_plans.la_number
            and steps.child_no = prior_plans.child_no
            and steps.referral_no = prior_plans.referral_no
            and steps.event_no = prior_plans.cp_plan_no
    where steps.measure = 'cp_plan' and steps.timing = 'incidence'

    union all

    -- Tables 12 and 13: of spells ceased in the year.
    select
        case
            when steps.measure = 'cin' then 'cin_ceased_3m'
            else 'cp_plan_ceased_6m'
        end as outcome,
        steps.census_year,
        steps.lsoa_code,
        steps.la_code,
        spells.is_short as is_success
    from steps
    inner join spells
        on
            steps.census_year = spells.census_year
            and steps.la_number = spells.la_number
            and steps.child_no = spells.child_no
            and steps.referral_no = spells.referral_no
            and steps.measure = spells.measure
            and steps.event_no = spells.event_no
    where steps.timing = 'cessation'
),

-- Covariates are constant within an LSOA: the sum loses nothing (statistics: section
-- 3).
final as (
    select
        outcome,
        census_year,
        lsoa_code,
        la_code,
        count(*) as trials,
        count(case when is_success then 1 end) as successes
    from trials
    where is_success is not null
    group by outcome, census_year, lsoa_code, la_code
)

select * from final
