with landed as (
    select * from {{ source('reference', 'ref_lsoa_lad') }}
),

final as (
    select
        {{ typed('ref_lsoa_lad', 'lsoa11_code') }} as lsoa11_code,
        {{ typed('ref_lsoa_lad', 'lad_code') }} as lad_code,
        {{ typed('ref_lsoa_lad', 'lad_year') }} as lad_year,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
