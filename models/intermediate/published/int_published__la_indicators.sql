with facts as (
    select * from {{ ref('int_published__facts') }}
    where geographic_level = 'la'
),

context as (
    select * from {{ ref('la_context_2019') }}
),

-- One row an authority and year. A figure that is withheld leaves what is made of it
-- without a value.
figures as (
    select
        {% for name in published_figure_names() -%}
        max(case when figure = '{{ name }}' then value end) as {{ name }},
        {% endfor -%}
        census_year,
        area_code,
        la_number
    from facts
    group by census_year, area_code, la_number
),

-- Net current spend of the financial year per resident of 0 to 17, per child in need
-- and per child looked after on 31 March; the workforce of 30 September in the year.
computed as (
    select
        figures.*,
        {{ safe_divide('spend_total', 'children_0_17') }} as spend_total_per_child,
        {{ safe_divide('spend_safeguarding', 'children_0_17') }}
            as spend_safeguarding_per_child,
        {{ safe_divide('spend_cla', 'children_0_17') }} as spend_cla_per_child,
        {{ safe_divide(
            'spend_sure_start + spend_family_support + spend_young_people',
            'children_0_17'
        ) }} as spend_early_help_per_child,
        {{ safe_divide('spend_safeguarding', 'cin_at_31_march') }}
            as spend_safeguarding_per_cin,
        {{ safe_divide('spend_cla', 'looked_after_children') }} as spend_cla_per_cla,
        {{ safe_divide('cin_at_31_march', 'social_workers_fte') }}
            as cin_per_social_worker
    from figures
),

indicators as (
    {% for name in [
        'spend_total_per_child', 'spend_safeguarding_per_child', 'spend_cla_per_child',
        'spend_early_help_per_child', 'spend_safeguarding_per_cin', 'spend_cla_per_cla',
        'cin_per_social_worker', 'vacancy_rate', 'turnover_rate', 'agency_worker_rate',
        'caseload', 'infant_mortality',
    ] -%}
    select
        census_year,
        area_code as la_code,
        '{{ name }}' as indicator,
        {{ name }} as value
    from computed
    union all
    {% endfor -%}
    {% for name in [
        'population_65_plus', 'ethnic_minority', 'rural_lsoas', 'depression_prevalence'
    ] -%}
    select
        2019 as census_year,
        la_code,
        '{{ name }}' as indicator,
        {{ name }} as value
    from context
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select * from indicators
    where value is not null
)

select * from final
