with landed as (
    select * from {{ source('reference', 'ref_lad_utla') }}
),

final as (
    select
        {{ typed('ref_lad_utla', 'lad_code') }} as lad_code,
        {{ typed('ref_lad_utla', 'utla_code') }} as utla_code,
        {{ typed('ref_lad_utla', 'lookup_year') }} as lookup_year,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
