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
    else 1.0 / count(*) over ({{ window }})
end
{%- endmacro %}
