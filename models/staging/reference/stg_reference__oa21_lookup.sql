with landed as (
    select * from {{ source('reference', 'ref_oa21_lookup') }}
),

final as (
    select
        {{ typed('ref_oa21_lookup', 'oa21_code') }} as oa21_code,
        {{ typed('ref_oa21_lookup', 'lsoa21_code') }} as lsoa21_code,
        {{ typed('ref_oa21_lookup', 'msoa21_code') }} as msoa21_code,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
