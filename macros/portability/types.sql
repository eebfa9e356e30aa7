{#- The engine's name of a type that the YAML names: the contracts of the marts, the columns
    of the seeds and the fixtures of unit tests say `varchar`, which Spark has only with a
    length. In SQL `string` is written, which both engines know. -#}
{% macro portable_type(type) %}
    {{- return(adapter.dispatch('portable_type', 'cin_warehouse')(type)) -}}
{% endmacro %}

{% macro default__portable_type(type) %}
    {% do return('string' if type | lower == 'varchar' else type) %}
{% endmacro %}

{% macro duckdb__portable_type(type) %}
    {% do return(type) %}
{% endmacro %}

{#- dbt holds a contract's types against a query by casting NULL to each. -#}
{% macro spark__cast(field, type) -%}
cast({{ field }} as {{ portable_type(type) }})
{%- endmacro %}

{% macro spark__safe_cast(field, type) -%}
cast({{ field }} as {{ portable_type(type) }})
{%- endmacro %}
