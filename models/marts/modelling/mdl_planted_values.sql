with planted as (
    select * from {{ ref('stg_synthetic__planted_values') }}
),

final as (
    select
        table_no,
        row_label,
        statistic,
        value,
        cast(null as double) as ci_low,
        cast(null as double) as ci_high
    from planted
)

select * from final
