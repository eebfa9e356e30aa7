with landed as (
    select * from {{ source('reference', 'ref_lsoa_exact_fit') }}
),

final as (
    select
        {{ typed('ref_lsoa_exact_fit', 'lsoa11_code') }} as lsoa11_code,
        {{ typed('ref_lsoa_exact_fit', 'lsoa21_code') }} as lsoa21_code,
        {{ typed('ref_lsoa_exact_fit', 'change_code') }} as change_code,
        {{ typed('ref_lsoa_exact_fit', 'lad_code') }} as lad_code,
        {{ typed('ref_lsoa_exact_fit', 'lad_year') }} as lad_year,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
