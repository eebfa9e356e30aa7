-- What the flow counts is what the rates hold: episodes, of all children, at each
-- grain.
{% set grains = ['lsoa', 'msoa', 'la'] %}
with flow as (
    select
        census_year,
        measure,
        timing,
        n_events
    from {{ ref('rpt_cohort_flow') }}
    where step = 'counted'
),

rates as (
    {% for grain in grains %}
    select
        '{{ grain }}' as grain,
        census_year,
        measure,
        timing,
        sum(numerator) as numerator
    from {{ ref('fct_rates_' ~ grain) }}
    where basis = 'episode' and stratum_type = 'all'
    group by census_year, measure, timing
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    rates.grain,
    rates.census_year,
    rates.measure,
    rates.timing,
    rates.numerator,
    flow.n_events
from rates
left join flow
    on
        rates.census_year = flow.census_year
        and rates.measure = flow.measure
        and rates.timing = flow.timing
where rates.numerator is distinct from flow.n_events
