{#- The figures that are columns of the seed published_facts_2019; a test holds them to
    the rows of seeds/codes/published_figures.csv. -#}
{% macro published_figure_names() %}
    {% do return([
        'referral', 'assessment', 'cin', 'cin_at_31_march', 's47', 'cp_conference',
        'cp_plan', 'cp_plan_at_31_march', 'referral_rate', 'assessment_rate', 'cin_rate',
        'cin_at_31_march_rate', 's47_rate', 'cp_conference_rate', 'cp_plan_rate',
        'cp_plan_at_31_march_rate', 'children_0_17', 'spend_total', 'spend_safeguarding',
        'spend_cla', 'spend_sure_start', 'spend_family_support', 'spend_young_people',
        'social_workers_fte', 'vacancy_rate', 'turnover_rate', 'agency_worker_rate',
        'caseload', 'looked_after_children', 'infant_mortality',
    ]) %}
{% endmacro %}
