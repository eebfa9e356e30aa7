{#- Typing of landed text, for staging (`typed`) and for the list of what would not type
    (`untyped_rows`), so that the two cannot disagree. Every model that calls these has
    the landed table under the alias `landed`. -#}

{#- Landed text without the blanks around it; nothing at all is NULL. -#}
{% macro landed(column, row='landed') -%}
nullif({{ trimmed(row ~ '.' ~ column) }}, '')
{%- endmacro %}

{#- census_year, la_number and the integer keys of a census table. -#}
{% macro typed_keys(table) -%}
{{ try_int('landed.census_year') }} as census_year,
    {{ landed('la_number') }} as la_number
    {%- for key in landing_columns(table)['keys'] -%}
    ,
    {{ try_int(landed(key)) }} as {{ key }}
    {%- endfor %}
{%- endmacro %}

{#- One column as a value; NULL when it is missing or would not type. -#}
{% macro typed(table, column) -%}
{%- set type = landing_columns(table)['columns'][column] -%}
{%- set text = landed(column) -%}
{%- if type == 'date' -%}
    {{ plausible_date(text) }}
{%- elif type == 'flag' -%}
    case
        when lower({{ text }}) in ('1', 'true', 'yes', 'y') then true
        when lower({{ text }}) in ('0', 'false', 'no', 'n') then false
    end
{%- elif type == 'integer' -%}
    {{ try_int(text) }}
{%- elif type == 'count' -%}
    case when {{ try_int(text) }} >= 0 then {{ try_int(text) }} end
{%- elif type == 'number' -%}
    {{ try_double(text) }}
{%- elif type == 'area' -%}
    case when {{ matches('upper(' ~ text ~ ')', '[A-Z][0-9]{8}') }} then upper({{ text }}) end
{%- elif type.startswith('code:') -%}
    {{ column }}_codes.harmonised_code
{%- else -%}
    {{ text }}
{%- endif -%}
{%- endmacro %}

{#- The joins that `typed` needs for the coded columns of a table: at most one row of
    the seed, because a code has one entry a year. -#}
{% macro code_joins(table, columns=none) -%}
{%- for column, type in landing_columns(table)['columns'].items()
    if type.startswith('code:') and (columns is none or column in columns) %}
left join {{ ref('code_sets') }} as {{ column }}_codes
    on {{ column }}_codes.codeset = '{{ type[5:] }}'
    and {{ column }}_codes.code = upper({{ landed(column) }})
    and {{ code_list_year() }}
        between {{ column }}_codes.first_year and {{ column }}_codes.last_year
{%- endfor %}
{%- endmacro %}

{#- The lists are known for returns of 2017 to 2026: earlier and later years use the
    nearest. -#}
{% macro code_list_year() -%}
least(greatest({{ try_int('landed.census_year') }}, 2017), 2026)
{%- endmacro %}

{#- A date that a child of the census can have: nobody in it is over 25, and nothing is
    foreseen (a birth, a review) later than the end of the following calendar year. -#}
{% macro plausible_date(text) -%}
case
    when extract(year from {{ try_date(text) }}) - {{ try_int('landed.census_year') }}
        between -30 and 1
        then {{ try_date(text) }}
end
{%- endmacro %}
