{#- What dbt does differently on Spark than this project needs. -#}

{#- Parquet, whatever the engine's default: what carries the marts into a warehouse file
    reads Parquet. -#}
{% macro spark__file_format_clause() -%}
using parquet
{%- endmacro %}

{#- Parquet has no constraints. They are checked where the tables are carried into a
    warehouse file, which has them. -#}
{% macro spark__persist_constraints(relation, model) %}
{% endmacro %}

{% macro spark__comment_clause() -%}
{%- if model.description -%}
comment {{ text_literal(model.description) }}
{%- endif -%}
{%- endmacro %}

{#- Columns are described in the warehouse file. -#}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) %}
{% endmacro %}

{% macro spark__create_view_as(relation, sql) -%}
create or replace view {{ relation }}
{{ comment_clause() }}
{%- if config.get('contract').enforced %}
{{ get_assert_columns_equivalent(sql) }}
{%- endif %}
as
{{ sql }}
{%- endmacro %}

{#- What dbt puts between the quotes of a fixture's text. -#}
{% macro spark__escape_single_quotes(expression) -%}
{{ text_literal(expression)[1:-1] }}
{%- endmacro %}

{#- A seed in two statements, however many rows: its values as text, each column cast once.
    dbt's own casts every value, which takes Spark 43 s for 5,000 rows. -#}
{% macro spark__create_csv_table(model, agate_table) %}
    {% set sql %}
create table {{ this }} (
    {%- for column in agate_table.column_names %}
    {{ column }} {{ seed_column_type(model, agate_table, loop.index0) }}
    {{- ',' if not loop.last }}
    {%- endfor %}
)
{{ file_format_clause() }}
{{ comment_clause() }}
    {% endset %}
    {% call statement('_') %}{{ sql }}{% endcall %}
    {% do return(sql) %}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {% set sql %}
insert into {{ this }}
select
    {%- for column in agate_table.column_names %}
    cast({{ column }} as {{ seed_column_type(model, agate_table, loop.index0) }})
    {{- ',' if not loop.last }}
    {%- endfor %}
from values
    {%- for row in agate_table.rows %}
    (
    {%- for value in row -%}
    {{ 'null' if value is none else text_literal(value) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
    ){{ ',' if not loop.last }}
    {%- endfor %}
as loaded ({{ agate_table.column_names | join(', ') }})
    {% endset %}
    {% do run_query(sql) %}
    {% do return('insert into ' ~ this ~ ' values (...)') %}
{% endmacro %}

{% macro seed_column_type(model, agate_table, place) -%}
{%- set name = agate_table.column_names[place] -%}
{%- set inferred = adapter.convert_type(agate_table, place) -%}
{{- portable_type(model['config'].get('column_types', {}).get(name, inferred)) -}}
{%- endmacro %}
