{#- The end of each rate mart, from its CTEs `areas`, `grid`, `counts`, `populations` and
    `garwood_limits`: every area has every cell of the grid (0 where nothing happened),
    with its rate and exact limits. A cell without a denominator (the unknown stratum) or
    with nobody in it has a count and no rate. Each join finds at most one row. -#}
{% macro rates_of_areas(area_key) -%}
{%- set area_columns = [area_key, 'geography_vintage', 'la_code'] | unique | list -%}
{%- set cell_columns = ['measure', 'basis', 'timing', 'stratum_type', 'stratum'] -%}
{%- if area_key == 'la_code' -%}
    {%- set area_columns = ['geography_vintage', 'la_code'] -%}
{%- endif -%}
cells as (
    select
        areas.census_year,
        {%- for column in area_columns %}
        areas.{{ column }},
        {%- endfor %}
        {%- for column in cell_columns %}
        grid.{{ column }},
        {%- endfor %}
        coalesce(counts.numerator, 0) as numerator,
        populations.population as denominator
    from areas
    cross join grid
    left join counts
        on
            areas.census_year = counts.census_year
            and areas.{{ area_key }} = counts.{{ area_key }}
            and grid.cell_no = counts.cell_no
    left join populations
        on
            areas.census_year = populations.census_year
            and areas.{{ area_key }} = populations.{{ area_key }}
            and grid.population_stratum_type = populations.stratum_type
            and grid.population_stratum = populations.stratum
),

final as (
    select
        cells.census_year,
        {%- for column in area_columns + cell_columns %}
        cells.{{ column }},
        {%- endfor %}
        cells.numerator,
        cells.denominator,
        {{ rate_per_10k('cells.numerator', 'cells.denominator') }} as rate_per_10k,
        {{ rate_per_10k(garwood_lower('cells.numerator'), 'cells.denominator') }} as ci_low,
        {{ rate_per_10k(garwood_upper('cells.numerator'), 'cells.denominator') }} as ci_high
    from cells
    left join garwood_limits on cells.numerator = garwood_limits.n
)
{%- endmacro %}
