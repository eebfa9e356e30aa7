with landed as (
    select * from {{ source('census', 'cin_plans') }}
),

final as (
    select
        {{ typed_keys('cin_plans') }},
        {{ typed('cin_plans', 'start_date') }} as start_date,
        {{ typed('cin_plans', 'end_date') }} as end_date,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
