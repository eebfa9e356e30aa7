-- Strata that partition add up to all children, the unknown among them; so do the
-- populations of strata of children. Strata of events are all per the same children.
{% set grains = {'lsoa': 'lsoa_code', 'msoa': 'msoa_code', 'la': 'la_code'} %}
with rates as (
    {% for grain, area_key in grains.items() %}
    select
        '{{ grain }}' as grain,
        rates.census_year,
        rates.{{ area_key }} as area_code,
        rates.measure,
        rates.basis,
        rates.timing,
        rates.stratum_type,
        sum(rates.numerator) as numerator,
        sum(case when strata.is_of_children then rates.denominator end) as denominator
    from {{ ref('fct_rates_' ~ grain) }} as rates
    inner join {{ ref('dim_stratum') }} as strata
        on
            rates.stratum_type = strata.stratum_type
            and rates.stratum = strata.stratum
    where strata.is_partition
    group by 2, 3, 4, 5, 6, 7
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    parts.grain,
    parts.census_year,
    parts.measure,
    parts.stratum_type,
    count(*) as n_cells
from rates as parts
inner join rates as whole
    on
        parts.grain = whole.grain
        and parts.census_year = whole.census_year
        and parts.area_code = whole.area_code
        and parts.measure = whole.measure
        and parts.basis = whole.basis
        and parts.timing = whole.timing
        and whole.stratum_type = 'all'
where
    parts.numerator <> whole.numerator
    or abs(parts.denominator - whole.denominator) > 1e-6
group by 1, 2, 3, 4
