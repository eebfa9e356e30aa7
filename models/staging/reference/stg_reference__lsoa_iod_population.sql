with landed as (
    select * from {{ source('reference', 'ref_lsoa_iod_population') }}
),

final as (
    select
        {{ typed('ref_lsoa_iod_population', 'lsoa_code') }} as lsoa_code,
        {{ typed('ref_lsoa_iod_population', 'lsoa_vintage') }} as lsoa_vintage,
        {{ typed('ref_lsoa_iod_population', 'iod_release') }} as iod_release,
        {{ typed('ref_lsoa_iod_population', 'total_population') }}
            as total_population,
        {{ typed('ref_lsoa_iod_population', 'dependent_children') }}
            as dependent_children,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
