with published as (
    select * from {{ ref('report_values') }}
),

final as (
    select
        table_no,
        row_label,
        statistic,
        -- two figures of the prose are p-values and nothing else
        case
            when coalesce(value, ci_low, ci_high) is null
                then try_cast(p_value as double)
            else value
        end as value,
        ci_low,
        ci_high,
        p_value
    from published
)

select * from final
