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

{#- One row a value of a table that would not type, without the value. -#}
{% macro untyped_rows(table, relation) -%}
{%- set spec = landing_columns(table) -%}
{%- set columns = fallible_columns(table) -%}
{%- set is_partitioned = spec['keys'] is not none -%}
select
    '{{ table }}' as table_name,
    {% if is_partitioned -%}
    {{ try_int('landed.census_year') }} as census_year,
    landed.la_number,
    {% else -%}
    cast(null as integer) as census_year,
    cast(null as varchar) as la_number,
    {% endif -%}
    {{ row_key(table) }} as row_key,
    failed.column_name,
    failed.expected,
    case
        {% for column in columns if spec['columns'][column] == 'date' -%}
        when failed.column_name = '{{ column }}' then {{ date_problem(column) }}
        {% endfor -%}
        when failed.expected = 'code' then 'not in the code list of the year'
        when failed.expected = 'flag' then 'not a yes or no'
        when failed.expected = 'count' then 'not a whole number of zero or more'
        when failed.expected = 'area' then 'not an area code'
        else 'not a number'
    end as reason,
    landed.source_file,
    cast(landed.source_row as bigint) as source_row
from {{ relation }} as landed
{{ code_joins(table) }}
inner join (
    {% for column in columns -%}
    select
        '{{ column }}' as column_name,
        '{{ spec['columns'][column].split(':')[0] }}' as expected
    {{ 'union all' if not loop.last }}
    {% endfor -%}
) as failed
    on case failed.column_name
        {% for column in columns -%}
        when '{{ column }}' then {{ is_untyped(table, column) }}
        {% endfor -%}
    end
where
    {% for column in columns -%}
    {{ 'or ' if not loop.first }}{{ is_untyped(table, column) }}
    {% endfor -%}
{%- endmacro %}

{% macro date_problem(column) -%}
case
    when {{ try_date(landed(column)) }} is null then 'not a date'
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
