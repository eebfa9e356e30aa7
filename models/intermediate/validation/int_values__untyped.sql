-- Every landed value that staging turned into NULL because it would not type. The value
-- itself is not here: restricted.rpt_untyped_values has it.
{%- for table, source_name in typed_tables().items() %}
{{ 'with' if loop.first }} {{ table }} as (
    select * from {{ source(source_name, table) }}
),
{% endfor %}
final as (
    {%- for table in typed_tables() %}
    {{ untyped_rows(table, table) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
