{#- The indicators that are columns of modelling.mdl_la_context, whose contract names each;
    a test holds them to the rows of seeds/codes/la_indicators.csv. -#}
{% macro la_indicator_names() %}
    {% do return([
        'spend_total_per_child', 'spend_safeguarding_per_child', 'spend_cla_per_child',
        'spend_early_help_per_child', 'spend_safeguarding_per_cin', 'spend_cla_per_cla',
        'cin_per_social_worker', 'vacancy_rate', 'turnover_rate', 'agency_worker_rate',
        'caseload', 'infant_mortality', 'level_4_qualification', 'sickness_absence',
        'domestic_violence', 'mental_health_contact', 'outdoor_space',
        'depression_prevalence', 'suicide_rate', 'population_65_plus', 'ethnic_minority',
        'rural_lsoas',
    ]) %}
{% endmacro %}
