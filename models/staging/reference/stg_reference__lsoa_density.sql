with landed as (
    select * from {{ source('reference', 'ref_lsoa_density') }}
),

final as (
    select
        {{ typed('ref_lsoa_density', 'lsoa_code') }} as lsoa_code,
        {{ typed('ref_lsoa_density', 'mid_year') }} as mid_year,
        {{ typed('ref_lsoa_density', 'population') }} as population,
        {{ typed('ref_lsoa_density', 'area_sq_km') }} as area_sq_km,
        {{ typed('ref_lsoa_density', 'people_per_sq_km') }} as people_per_sq_km,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
