{#- Months within which a ceased spell counts as short: report, Tables 12 and 13. -#}
{% set short_months = {'cin': 3, 'cp_plan': 6} %}
with referrals as (
    select * from {{ ref('stg_census__referrals') }}
),

cp_plans as (
    select * from {{ ref('stg_census__child_protection_plans') }}
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

spells as (
    -- An episode of need: not closed at referral and not after an assessment that
    -- found no need (statistics: section 1). A missing flag is no flag.
    select
        census_year,
        la_number,
        child_no,
        referral_no,
        'cin' as measure,
        0 as event_no,
        referral_date as start_date,
        closure_date as end_date
    from referrals
    where
        not coalesce(is_referral_nfa, false)
        and coalesce(reason_for_closure, '') <> 'RC8'

    union all

    select
        census_year,
        la_number,
        child_no,
        referral_no,
        'cp_plan' as measure,
        cp_plan_no as event_no,
        start_date,
        end_date
    from cp_plans
),

final as (
    select
        spells.census_year,
        spells.la_number,
        spells.child_no,
        spells.referral_no,
        spells.measure,
        spells.event_no,
        spells.start_date,
        spells.end_date,
        coalesce(
            spells.start_date <= years.reference_date
            and (spells.end_date is null or spells.end_date > years.reference_date),
            false
        ) as is_open_on_31_march,
        coalesce(
            spells.end_date between years.year_start and years.reference_date, false
        ) as is_ceased_in_year,
        case
            {%- for measure, months in short_months.items() %}
            when spells.measure = '{{ measure }}'
                then spells.end_date <= {{ add_months('spells.start_date', months) }}
            {%- endfor %}
        end as is_short
    from spells
    inner join years on spells.census_year = years.census_year
)

select * from final
