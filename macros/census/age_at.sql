{#- Age as the census counts it: completed years on a day. Unborn children have none. -#}
{% macro age_at(birth_date, at_date) -%}
{{ completed_years(birth_date, at_date) }}
{%- endmacro %}
