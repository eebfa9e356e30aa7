{#- Text to value, NULL when it does not fit, never an error: an engine's cast error
    prints the value, and these are children's records. -#}

{#- Text that matches a regular expression from end to end. -#}
{% macro matches(text, pattern) %}
    {{- return(adapter.dispatch('matches', 'cin_warehouse')(text, pattern)) -}}
{% endmacro %}

{#- Java's `$` also stands before a last line end and its dot stops at more than line feeds:
    hence the flag, and that nothing may follow. -#}
{% macro default__matches(text, pattern) -%}
regexp_like({{ text }}, '^(?d)({{ pattern }})(?![^a]|a)')
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}

{#- A date from 2019-03-31, from the same with a time or a zone behind it (XML allows
    both, SQL Server exports the time), or from 31/03/2019 (spreadsheets). -#}
{% macro try_date(text) %}
    {{- return(adapter.dispatch('try_date', 'cin_warehouse')(text)) -}}
{% endmacro %}

{% macro default__try_date(text) -%}
case
    when {{ text }} like '____-__-__' then try_cast({{ text }} as date)
    when {{ matches(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}([T Z+-].*)?') }}
        then try_cast(substr({{ text }}, 1, 10) as date)
    when {{ matches(text, '[0-9]{2}/[0-9]{2}/[0-9]{4}( .*)?') }}
        then try_cast(
            substr({{ text }}, 7, 4) || '-' || substr({{ text }}, 4, 2)
            || '-' || substr({{ text }}, 1, 2) as date
        )
end
{%- endmacro %}

{#- A whole number; `3.0` is one, because spreadsheets and data frames write it so. -#}
{% macro try_int(text) %}
    {{- return(adapter.dispatch('try_int', 'cin_warehouse')(text)) -}}
{% endmacro %}

{% macro default__try_int(text) -%}
case
    when {{ matches(text, '-?[0-9]+([.]0*)?') }}
        then try_cast(split_part({{ text }}, '.', 1) as integer)
end
{%- endmacro %}

{#- A number; thousands separators are taken out ("29,199" in some published files). -#}
{% macro try_double(text) %}
    {{- return(adapter.dispatch('try_double', 'cin_warehouse')(text)) -}}
{% endmacro %}

{% macro default__try_double(text) -%}
case
    when {{ matches(text, '[+-]?[0-9][0-9,]*([.][0-9]*)?([eE][+-]?[0-9]+)?|[+-]?[.][0-9]+') }}
        then try_cast(replace({{ text }}, ',', '') as double)
end
{%- endmacro %}

{#- A text that is as a whole number is written is that number: no pattern is tried. -#}
{% macro duckdb__try_int(text) -%}
case
    when cast(try_cast({{ text }} as integer) as string) = {{ text }}
        then try_cast({{ text }} as integer)
    else {{ default__try_int(text) }}
end
{%- endmacro %}

{% macro duckdb__try_double(text) -%}
case
    when cast(try_cast({{ text }} as integer) as string) = {{ text }}
        then try_cast({{ text }} as double)
    else {{ default__try_double(text) }}
end
{%- endmacro %}
