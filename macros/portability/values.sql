{#- A keyed hash, 32 hexadecimal characters: NULL when any part is NULL. The secret is
    a column of the one-row landing table hash_key, joined in SQL: a key given by a
    variable is written into dbt's artefacts. -#}
{% macro hash_key(parts, secret) %}
    {{- return(adapter.dispatch('hash_key', 'cin_warehouse')(parts, secret)) -}}
{% endmacro %}

{% macro default__hash_key(parts, secret) -%}
substr({{ sha256(secret ~ " || '|' || " ~ parts | join(" || '|' || ")) }}, 1, 32)
{%- endmacro %}

{#- A quotient that is NULL, not infinite, over zero. -#}
{% macro safe_divide(numerator, denominator) %}
    {{- return(
        adapter.dispatch('safe_divide', 'cin_warehouse')(numerator, denominator)
    ) -}}
{% endmacro %}

{% macro default__safe_divide(numerator, denominator) -%}
(cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0))
{%- endmacro %}

{#- One row an age from columns age_<first> … age_<last> of a relation: the columns in
    `keep`, then age (integer) and population. -#}
{% macro unpivot_ages(relation, keep, first, last) %}
    {{- return(
        adapter.dispatch('unpivot_ages', 'cin_warehouse')(relation, keep, first, last)
    ) -}}
{% endmacro %}

{% macro default__unpivot_ages(relation, keep, first, last) %}
    select
        {% for column in keep -%}
        wide.{{ column }},
        {% endfor -%}
        ages.age,
        case ages.age
            {% for age in range(first, last + 1) -%}
            when {{ age }} then wide.age_{{ age }}
            {% endfor -%}
        end as population
    from {{ relation }} as wide
    cross join (
        {% for age in range(first, last + 1) -%}
        select {{ age }} as age{{ ' union all' if not loop.last }}
        {% endfor -%}
    ) as ages
{% endmacro %}

{#- Texts as a quoted SQL list; an empty list becomes one that no value is in. -#}
{% macro quoted_list(texts) -%}
{%- for text in (texts or ['']) -%}
'{{ text | string | replace("'", "''") }}'{{ ', ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{#- Mean of a value by weight, over the rows that have both. -#}
{% macro weighted_mean(value, weight) -%}
{{ safe_divide(
    'sum(' ~ value ~ ' * ' ~ weight ~ ')',
    'sum(case when ' ~ value ~ ' is not null then ' ~ weight ~ ' end)'
) }}
{%- endmacro %}

{#- The share of a row in the sum of `value` over its window; equal shares where a value
    is missing or there is nobody. -#}
{% macro share_of(value, window) -%}
case
    when count({{ value }}) over ({{ window }}) = count(*) over ({{ window }})
        and sum({{ value }}) over ({{ window }}) > 0
        then {{ value }} / sum({{ value }}) over ({{ window }})
    else 1e0 / count(*) over ({{ window }})
end
{%- endmacro %}

{#- Rounded, halves away from zero: of the value times ten to the `digits`, which a double
    holds, and not of its decimal expansion, which it may not (1.005 is less). -#}
{% macro rounded(value, digits) %}
    {{- return(adapter.dispatch('rounded', 'cin_warehouse')(value, digits)) -}}
{% endmacro %}

{% macro default__rounded(value, digits) -%}
(round({{ value }} * 1e{{ digits }}) / 1e{{ digits }})
{%- endmacro %}

{% macro duckdb__rounded(value, digits) -%}
round({{ value }}, {{ digits }})
{%- endmacro %}

{#- The different values of each column of a relation, for each of `keep`, as landed_value
    with column_name; and each once more, alone in its row, in the column that
    `values_alone_in` names for it. The columns hold text; `types` says of what. -#}
{% macro values_alone(relation, keep, columns, types) %}
    {{- return(
        adapter.dispatch('values_alone', 'cin_warehouse')(relation, keep, columns, types)
    ) -}}
{% endmacro %}

{#- Spark has no more than 64 grouping columns, and a population has 92. -#}
{% macro default__values_alone(relation, keep, columns, types) -%}
        select
            {% for column in keep -%}
            {{ column }},
            {% endfor -%}
            column_name,
            {% for column in values_alone_in(columns, types) -%}
            case
                when column_name in (
                    {%- for other in columns if types[other] == types[column] -%}
                    '{{ other }}'{{ ', ' if not loop.last }}
                    {%- endfor -%}
                ) then landed_value
            end as {{ column }},
            {% endfor -%}
            landed_value
        from (
            select distinct {{ (keep + ['column_name', 'landed_value']) | join(', ') }}
            from {{ relation }}
            lateral view stack(
                {{ columns | length }},
                {% for column in columns -%}
                '{{ column }}', {{ column }}{{ ',' if not loop.last }}
                {% endfor -%}
            ) as column_name, landed_value
        ) as alone
        where landed_value is not null
{%- endmacro %}

{% macro duckdb__values_alone(relation, keep, columns, types) -%}
        select
            *,
            coalesce({{ columns | join(', ') }}, '') as landed_value,
            case
                {% for column in columns -%}
                when {{ column }} is not null then '{{ column }}'
                {% endfor -%}
            end as column_name
        from (
            select {{ (keep + columns) | join(', ') }}
            from {{ relation }}
            group by grouping sets (
                {% for column in columns -%}
                ({{ (keep + [column]) | join(', ') }}){{ ',' if not loop.last }}
                {% endfor -%}
            )
        ) as alone
{%- endmacro %}

{#- The columns in which `values_alone` has values: on Spark, which takes long to plan each,
    the first of every type. -#}
{% macro values_alone_in(columns, types) %}
    {{- return(
        adapter.dispatch('values_alone_in', 'cin_warehouse')(columns, types)
    ) -}}
{% endmacro %}

{% macro default__values_alone_in(columns, types) %}
    {% set first = {} %}
    {% for column in columns | reverse %}
        {% do first.update({types[column]: column}) %}
    {% endfor %}
    {% do return(first.values() | list) %}
{% endmacro %}

{% macro duckdb__values_alone_in(columns, types) %}
    {% do return(columns) %}
{% endmacro %}
