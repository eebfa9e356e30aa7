with landed as (
    select * from {{ source('census', 'assessments') }}
),

final as (
    select
        {{ typed_keys('assessments') }},
        {{ typed('assessments', 'start_date') }} as start_date,
        {{ typed('assessments', 'internal_review_date') }} as internal_review_date,
        {{ typed('assessments', 'authorisation_date') }} as authorisation_date,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
