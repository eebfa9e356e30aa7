{#- SHA-256 of a text, 64 hexadecimal characters. -#}
{% macro sha256(text) %}
    {{- return(adapter.dispatch('sha256', 'cin_warehouse')(text)) -}}
{% endmacro %}

{% macro default__sha256(text) -%}
sha2({{ text }}, 256)
{%- endmacro %}

{% macro duckdb__sha256(text) -%}
sha256({{ text }})
{%- endmacro %}
