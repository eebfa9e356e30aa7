with landed as (
    select * from {{ source('census', 'cpp_reviews') }}
),

final as (
    select
        {{ typed_keys('cpp_reviews') }},
        {{ typed('cpp_reviews', 'review_date') }} as review_date,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
