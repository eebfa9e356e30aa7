with published as (
    select * from {{ ref('report_values') }}
),

final as (
    select
        table_no,
        row_label,
        statistic,
        value,
        ci_low,
        ci_high
    from published
)

select * from final
