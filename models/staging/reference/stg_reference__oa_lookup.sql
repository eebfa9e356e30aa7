with landed as (
    select * from {{ source('reference', 'ref_oa_lookup') }}
),

final as (
    select
        {{ typed('ref_oa_lookup', 'oa11_code') }} as oa11_code,
        {{ typed('ref_oa_lookup', 'lsoa11_code') }} as lsoa11_code,
        {{ typed('ref_oa_lookup', 'msoa11_code') }} as msoa11_code,
        {{ typed('ref_oa_lookup', 'lad17_code') }} as lad17_code,
        {{ typed('ref_oa_lookup', 'region_code') }} as region_code,
        {{ typed('ref_oa_lookup', 'country_code') }} as country_code,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
