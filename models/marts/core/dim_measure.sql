with measures as (
    select * from {{ ref('measures') }}
),

final as (
    select
        measures.measure,
        measures.label,
        measures.threshold_no,
        measures.has_prevalence,
        measures.report_label
    from measures
)

select * from final
