{#- The columns of a table that can fail to type, in order. -#}
{% macro fallible_columns(table) %}
    {% set found = [] %}
    {% for column, type in landing_columns(table)['columns'].items() if type != 'text' %}
        {% do found.append(column) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#- Something is there, and it would not type. -#}
{% macro is_untyped(table, column) -%}
({{ landed(column) }} is not null and {{ typed(table, column) }} is null)
{%- endmacro %}

{#- Where a row is, in words: 'child_no=3, referral_no=1', empty for reference files. -#}
{% macro row_key(table) -%}
{%- set keys = landing_columns(table)['keys'] or [] -%}
{%- if keys -%}
{%- for key in keys -%}
'{{ ', ' if not loop.first }}{{ key }}=' || coalesce(landed.{{ key }}, '?')
{%- if not loop.last %} || {% endif -%}
{%- endfor -%}
{%- else -%}
''
{%- endif -%}
{%- endmacro %}

{#- The values of a table that would not type, one row a year (where there is one), column
    and value, with the reason. A column has few different values: in one pass over the
    table each is found once, alone in its row, and tried there. -#}
{% macro failing_values(table, relation) -%}
{%- set types = landing_columns(table)['columns'] -%}
{%- set columns = fallible_columns(table) -%}
{%- set year = value_year(table) -%}
select
    {% for column in year -%}
    failing.{{ column }},
    {% endfor -%}
    failing.column_name,
    failing.expected,
    failing.landed_value,
    case failing.expected
        when 'date' then {{ date_problem(landed('landed_value', 'failing')) }}
        when 'code' then 'not in the code list of the year'
        when 'flag' then 'not a yes or no'
        when 'count' then 'not a whole number of zero or more'
        when 'area' then 'not an area code'
        else 'not a number'
    end as reason
from (
    select
        {% for column in year -%}
        landed.{{ column }},
        {% endfor -%}
        landed.landed_value,
        landed.column_name,
        case landed.column_name
            {% for column in columns -%}
            when '{{ column }}' then '{{ types[column].split(':')[0] }}'
            {% endfor -%}
        end as expected,
        case
            {% for column in values_alone_in(columns, types) -%}
            when landed.{{ column }} is not null then {{ is_untyped(table, column) }}
            {% endfor -%}
        end as is_untyped
    from (
        {{ values_alone(relation, year, columns, types) }}
    ) as landed
    {{ code_joins(table, values_alone_in(columns, types)) }}
) as failing
where failing.is_untyped
{%- endmacro %}

{#- What a value belongs to beside its column: code lists and plausible dates have years. -#}
{% macro value_year(table) -%}
{%- do return(['census_year'] if landing_columns(table)['keys'] is not none else []) -%}
{%- endmacro %}

{#- One row a value of a table that would not type, without the value, from what
    `failing_values` found. Where that is nothing, no row of the table is read. -#}
{% macro untyped_rows(table, relation, failing) -%}
{%- set year = value_year(table) -%}
select
    '{{ table }}' as table_name,
    {% if year -%}
    {{ try_int('landed.census_year') }} as census_year,
    landed.la_number,
    {% else -%}
    cast(null as integer) as census_year,
    cast(null as string) as la_number,
    {% endif -%}
    {{ row_key(table) }} as row_key,
    failing.column_name,
    failing.expected,
    failing.reason,
    landed.source_file,
    cast(landed.source_row as bigint) as source_row
from (
    select
        rows_of.*,
        failing_columns.column_name,
        case failing_columns.column_name
            {% for column in fallible_columns(table) -%}
            when '{{ column }}' then rows_of.{{ column }}
            {% endfor -%}
        end as landed_value
    from {{ relation }} as rows_of
    {{ 'inner' if year else 'cross' }} join (
        select distinct {{ (year + ['column_name']) | join(', ') }}
        from {{ failing }}
    ) as failing_columns
        {% for column in year -%}
        on rows_of.{{ column }} = failing_columns.{{ column }}
        {% endfor -%}
) as landed
inner join {{ failing }} as failing
    on
        landed.column_name = failing.column_name
        and landed.landed_value = failing.landed_value
        {% for column in year -%}
        and landed.{{ column }} = failing.{{ column }}
        {% endfor -%}
{%- endmacro %}

{% macro date_problem(text) -%}
case
    when {{ try_date(text) }} is null then 'not a date'
    else 'a date outside the plausible years'
end
{%- endmacro %}

{#- The landed tables whose values are typed, with the source that each belongs to. -#}
{% macro typed_tables() %}
    {% do return({
        'returns': 'census', 'children': 'census', 'disabilities': 'census',
        'referrals': 'census', 'assessments': 'census', 'assessment_factors': 'census',
        'cin_plans': 'census', 'section47': 'census',
        'child_protection_plans': 'census', 'cpp_reviews': 'census',
        'child_locations': 'locations',
        'ref_lsoa_deprivation': 'reference', 'ref_la_deprivation': 'reference',
        'ref_lsoa_iod_population': 'reference', 'ref_lsoa_population': 'reference',
        'ref_oa_lookup': 'reference', 'ref_lsoa_lad': 'reference',
        'ref_lad_utla': 'reference', 'ref_lsoa_rural_urban': 'reference',
        'ref_lsoa_density': 'reference', 'ref_ethnic_population': 'reference',
        'ref_la_indicator': 'reference', 'ref_statistical_neighbour': 'reference',
        'ref_oa21_lookup': 'reference', 'ref_lsoa_exact_fit': 'reference',
        'ref_la_code': 'reference',
    }) %}
{% endmacro %}

{#- The rows of int_values__untyped (alias `untyped`) of one table, with the value. -#}
{% macro untyped_values(table, relation) -%}
{%- set is_partitioned = landing_columns(table)['keys'] is not none -%}
select
    untyped.*,
    case untyped.column_name
        {% for column in fallible_columns(table) -%}
        when '{{ column }}' then landed.{{ column }}
        {% endfor -%}
    end as raw_value
from untyped
inner join {{ relation }} as landed
    on untyped.source_file = landed.source_file
    and untyped.source_row = landed.source_row
    and untyped.row_key = {{ row_key(table) }}
    {% if is_partitioned -%}
    and untyped.census_year = {{ try_int('landed.census_year') }}
    and untyped.la_number = landed.la_number
    {% endif -%}
where untyped.table_name = '{{ table }}'
{%- endmacro %}
