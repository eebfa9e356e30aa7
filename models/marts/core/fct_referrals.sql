with referrals as (
    select * from {{ ref('stg_census__referrals') }}
),

children as (
    select * from {{ ref('int_episodes__children_located') }}
),

rereferral as (
    select * from {{ ref('int_episodes__rereferral') }}
),

spells as (
    select * from {{ ref('int_episodes__spells') }}
    where measure = 'cin'
),

steps as (
    select * from {{ ref('int_cohort__steps') }}
    where measure = 'referral' and timing = 'incidence'
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

-- One row per referral: every join finds at most one row.
final as (
    select
        referrals.census_year,
        referrals.la_number,
        referrals.child_no,
        referrals.referral_no,
        children.child_key,
        referrals.referral_date,
        referrals.referral_source,
        referrals.primary_need_code,
        referrals.is_referral_nfa,
        referrals.closure_date,
        referrals.reason_for_closure,
        spells.measure is not null as is_in_need,
        coalesce(spells.is_open_on_31_march, false) as is_in_need_on_31_march,
        rereferral.previous_referral_date,
        rereferral.is_rereferral,
        {{ event_age(
            'children.birth_date', 'referrals.referral_date', 'years.reference_date'
        ) }} as age_at_referral,
        children.sex,
        children.ethnic_group,
        children.match_method,
        children.lsoa_code,
        children.la_code,
        coalesce(children.is_cross_border, false) as is_cross_border,
        steps.census_year is not null as is_in_year,
        coalesce(steps.is_counted, false) as is_in_cohort
    from referrals
    inner join children
        on
            referrals.census_year = children.census_year
            and referrals.la_number = children.la_number
            and referrals.child_no = children.child_no
    inner join years on referrals.census_year = years.census_year
    inner join rereferral
        on
            referrals.census_year = rereferral.census_year
            and referrals.la_number = rereferral.la_number
            and referrals.child_no = rereferral.child_no
            and referrals.referral_no = rereferral.referral_no
    left join spells
        on
            referrals.census_year = spells.census_year
            and referrals.la_number = spells.la_number
            and referrals.child_no = spells.child_no
            and referrals.referral_no = spells.referral_no
    left join steps
        on
            referrals.census_year = steps.census_year
            and referrals.la_number = steps.la_number
            and referrals.child_no = steps.child_no
            and referrals.referral_no = steps.referral_no
)

select * from final
