{#- The comments of a relation and of its columns, in one statement. dbt's own macro asks the
    engine twice a relation which columns there are, which takes longer than the comments; here
    a description of a column that is not there ends the run. -#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {%- set comments -%}
        {%- if for_relation and config.persist_relation_docs() and model.description -%}
            {{ alter_relation_comment(relation, model.description) }}
        {%- endif -%}
        {%- if for_columns and config.persist_column_docs() -%}
            {%- for name, column in model.columns.items() %}
            comment on column {{ relation }}.{{ adapter.quote(name) if column.quote else name }}
                is {{ duckdb_escape_comment(column.description) }};
            {%- endfor -%}
        {%- endif -%}
    {%- endset -%}
    {%- if comments | trim -%}
        {% call statement('comments') %}{{ comments }}{% endcall %}
    {%- endif -%}
{% endmacro %}
