{#- Events (or a limit of them) per 10,000 of a population; NULL over nobody. -#}
{% macro rate_per_10k(numerator, denominator) -%}
10000 * {{ safe_divide(numerator, denominator) }}
{%- endmacro %}
