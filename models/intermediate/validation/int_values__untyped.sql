-- Every landed value that staging turned into NULL because it would not type. The value
-- itself is not here: restricted.rpt_untyped_values has it.
with
{%- for table, source_name in typed_tables().items() %}
failing_{{ table }} as (
    {{ failing_values(table, source(source_name, table)) }}
),
{% endfor %}
final as (
    {%- for table, source_name in typed_tables().items() %}
    {{ untyped_rows(table, source(source_name, table), 'failing_' ~ table) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
