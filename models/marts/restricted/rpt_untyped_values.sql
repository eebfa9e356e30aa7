-- The value is fetched again from the landed row by its key and place, so that only the
-- handful of rows that failed is ever looked at.
with untyped as (
    select * from {{ ref('int_values__untyped') }}
),
{% for table, source_name in typed_tables().items() %}
{{ table }} as (
    select * from {{ source(source_name, table) }}
),
{% endfor %}
final as (
    {%- for table in typed_tables() %}
    {{ untyped_values(table, table) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
