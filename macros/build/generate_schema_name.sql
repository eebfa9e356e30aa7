{#- Schemas are part of the interface: the bare name on DuckDB, where a warehouse is
    one file; prefixed by the target's schema on engines that are shared. -#}
{% macro generate_schema_name(custom_schema_name, node) %}
{%- set bare = custom_schema_name | trim if custom_schema_name else target.schema -%}
{%- if custom_schema_name and target.type != 'duckdb' -%}
{{ target.schema }}_{{ bare }}
{%- else -%}
{{ bare }}
{%- endif -%}
{% endmacro %}
