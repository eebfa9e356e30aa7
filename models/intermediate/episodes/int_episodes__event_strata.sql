-- Strata that an event has from its own record (those that it has from its child are
-- columns of the child): source of referral, category of abuse, factors at assessment.
{% set record = ['census_year', 'la_number', 'child_no', 'referral_no'] %}
with referrals as (
    select * from {{ ref('stg_census__referrals') }}
),

cp_plans as (
    select * from {{ ref('stg_census__child_protection_plans') }}
),

assessment_factors as (
    select * from {{ ref('stg_census__assessment_factors') }}
),

stratum_codes as (
    select * from {{ ref('stratum_codes') }}
),

-- A code has one stratum, or none where it is missing or not in the list.
sources as (
    select
        {% for key in record %}
        referrals.{{ key }},
        {%- endfor %}
        'referral' as measure,
        0 as event_no,
        'source' as stratum_type,
        coalesce(stratum_codes.stratum, 'unknown') as stratum
    from referrals
    left join stratum_codes
        on
            stratum_codes.stratum_type = 'source'
            and referrals.referral_source = stratum_codes.code
),

categories as (
    select
        {% for key in record %}
        cp_plans.{{ key }},
        {%- endfor %}
        'cp_plan' as measure,
        cp_plans.cp_plan_no as event_no,
        'category' as stratum_type,
        coalesce(stratum_codes.stratum, 'unknown') as stratum
    from cp_plans
    left join stratum_codes
        on
            stratum_codes.stratum_type = 'category'
            and cp_plans.{{ var('cp_category') }}_category = stratum_codes.code
),

-- Several codes of an assessment may belong to one stratum: 18B and 18C were 18A.
factors as (
    select distinct
        {% for key in record %}
        assessment_factors.{{ key }},
        {%- endfor %}
        assessment_factors.assessment_no as event_no,
        stratum_codes.stratum
    from assessment_factors
    inner join stratum_codes
        on
            stratum_codes.stratum_type = 'factor'
            and assessment_factors.factor = stratum_codes.code
),

-- The base of the percentages of Table 6: assessments with a factor of the table.
any_factor as (
    select distinct
        {{ record | join(',\n        ') }},
        event_no,
        'any' as stratum
    from factors
),

final as (
    select * from sources
    union all
    select * from categories
    {%- for factors in ['factors', 'any_factor'] %}
    union all
    select
        {{ record | join(',\n        ') }},
        'assessment' as measure,
        event_no,
        'factor' as stratum_type,
        stratum
    from {{ factors }}
    {%- endfor %}
)

select * from final
