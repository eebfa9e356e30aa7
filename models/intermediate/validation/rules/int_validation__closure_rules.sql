{#- The dates that nothing after a closure may have: table and column. -#}
{% set activity = [
    ('assessments', 'start_date'), ('assessments', 'authorisation_date'),
    ('section47', 'start_date'), ('section47', 'initial_cpc_date'),
    ('child_protection_plans', 'end_date'),
    ('cin_plans', 'start_date'), ('cin_plans', 'end_date'),
] %}
with referrals as (
    select * from {{ ref('int_validation__referrals') }}
),

{% for table in [
    'assessments', 'section47', 'child_protection_plans', 'cin_plans',
] -%}
{{ table }} as (
    select * from {{ ref('int_validation__' ~ table) }}
),

{% endfor -%}
final as (
    {% for table, column in activity -%}
    {{ found('8565', table, column, ['closure_date']) }}
    from {{ table }}
    where {{ column }} > closure_date

    union all

    {% endfor -%}
    {{ found('8565', 'referrals', 'initial_cpc_date', ['closure_date']) }}
    from referrals
    where initial_cpc_date > closure_date

    union all

    {% for table, column in activity[:4] -%}
    {{ found('8831', table, column) }}
    from {{ table }}
    where is_referral_nfa and {{ column }}_text is not null

    union all

    {% endfor -%}
    {{ found('8831', 'referrals', 'initial_cpc_date') }}
    from referrals
    where is_referral_nfa and initial_cpc_date_text is not null

    union all

    {{ found('8832', 'child_protection_plans', 'start_date') }}
    from child_protection_plans
    where is_referral_nfa

    union all

    {{ found('4000', 'cin_plans', 'start_date') }}
    from cin_plans
    where is_referral_nfa

    union all

    {{ found('8867', 'assessments', 'authorisation_date', ['closure_date_text']) }}
    from assessments
    where closure_date_text is not null and authorisation_date_text is null

    union all

    {{ found('8868', 'section47', 'initial_cpc_date', ['icpc_not_required',
                                                      'closure_date_text']) }}
    from section47
    where
        closure_date_text is not null
        and initial_cpc_date_text is null
        and is_icpc_not_required is distinct from true
)

select * from final
