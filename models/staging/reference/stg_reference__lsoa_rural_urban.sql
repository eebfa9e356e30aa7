with landed as (
    select * from {{ source('reference', 'ref_lsoa_rural_urban') }}
),

final as (
    select
        {{ typed('ref_lsoa_rural_urban', 'lsoa11_code') }} as lsoa11_code,
        {{ typed('ref_lsoa_rural_urban', 'ruc_code') }} as ruc_code,
        {{ typed('ref_lsoa_rural_urban', 'ruc_name') }} as ruc_name,
        {{ typed('ref_lsoa_rural_urban', 'ruc_release') }} as ruc_release,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
