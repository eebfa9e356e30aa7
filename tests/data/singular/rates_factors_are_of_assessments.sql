-- Factors overlap: none is found more often than `any`, and `any` in no more
-- assessments than there are.
{% set is_factor = "stratum not in ('all', 'any')" %}
{% set grains = {'lsoa': 'lsoa_code', 'la': 'la_code'} %}
with rates as (
    {% for grain, area_key in grains.items() %}
    select
        '{{ grain }}' as grain,
        census_year,
        {{ area_key }} as area_code,
        max(case when stratum = 'all' then numerator end) as n_assessments,
        max(case when stratum = 'any' then numerator end) as n_any,
        max(case when {{ is_factor }} then numerator end) as n_most_common,
        sum(case when {{ is_factor }} then numerator end) as n_factors
    from {{ ref('fct_rates_' ~ grain) }}
    where
        measure = 'assessment'
        and basis = 'episode'
        and timing = 'incidence'
        and stratum_type in ('all', 'factor')
    group by census_year, {{ area_key }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select *
from rates
where
    n_any > n_assessments
    or n_most_common > n_any
    or n_factors < n_any
    or n_any is null
