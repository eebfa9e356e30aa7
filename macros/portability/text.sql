{#- Text without the blanks around it: those that Unicode calls spaces, the no-break space
    of spreadsheets among them. -#}
{% macro trimmed(text) %}
    {{- return(adapter.dispatch('trimmed', 'cin_warehouse')(text)) -}}
{% endmacro %}

{% macro default__trimmed(text) -%}
{%- set blanks = [' '] -%}
{%- for code in [160, 5760] + range(8192, 8203) | list + [8239, 8287, 12288] -%}
    {%- do blanks.append('%c' | format(code)) -%}
{%- endfor -%}
trim(both '{{ blanks | join }}' from {{ text }})
{%- endmacro %}

{% macro duckdb__trimmed(text) -%}
trim({{ text }})
{%- endmacro %}

{#- Texts of a group in one, in the order of a column; NULLs are left out. -#}
{% macro joined_texts(text, separator, order_by) %}
    {{- return(
        adapter.dispatch('joined_texts', 'cin_warehouse')(text, separator, order_by)
    ) -}}
{% endmacro %}

{% macro default__joined_texts(text, separator, order_by) -%}
string_agg({{ text }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}

{% macro duckdb__joined_texts(text, separator, order_by) -%}
string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{#- A text as SQL. -#}
{% macro text_literal(text) %}
    {{- return(adapter.dispatch('text_literal', 'cin_warehouse')(text)) -}}
{% endmacro %}

{#- Spark reads a backslash as the start of an escape. -#}
{% macro default__text_literal(text) -%}
'{{ text | string | replace('\\', '\\\\') | replace("'", "''") }}'
{%- endmacro %}

{% macro duckdb__text_literal(text) -%}
'{{ text | string | replace("'", "''") }}'
{%- endmacro %}
