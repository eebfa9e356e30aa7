with landed as (
    select * from {{ source('synthetic', 'planted_values') }}
),

final as (
    select
        {{ typed('planted_values', 'table_no') }} as table_no,
        {{ typed('planted_values', 'row_label') }} as row_label,
        {{ typed('planted_values', 'statistic') }} as statistic,
        {{ typed('planted_values', 'value') }} as value
    from landed
)

select * from final
