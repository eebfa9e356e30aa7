with landed as (
    select * from {{ source('census', 'section47') }}
),

final as (
    select
        {{ typed_keys('section47') }},
        {{ typed('section47', 'start_date') }} as start_date,
        {{ typed('section47', 'initial_cpc_target_date') }} as initial_cpc_target_date,
        {{ typed('section47', 'initial_cpc_date') }} as initial_cpc_date,
        {{ typed('section47', 'icpc_not_required') }} as is_icpc_not_required,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
