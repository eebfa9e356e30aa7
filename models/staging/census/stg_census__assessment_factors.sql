with landed as (
    select * from {{ source('census', 'assessment_factors') }}
),

final as (
    select
        {{ typed_keys('assessment_factors') }},
        {{ typed('assessment_factors', 'factor') }} as factor,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
    {{ code_joins('assessment_factors') }}
)

select * from final
