with landed as (
    select * from {{ source('census', 'disabilities') }}
),

final as (
    select
        {{ typed_keys('disabilities') }},
        {{ typed('disabilities', 'disability') }} as disability,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
    {{ code_joins('disabilities') }}
)

select * from final
