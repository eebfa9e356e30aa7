with landed as (
    select * from {{ source('reference', 'ref_lsoa_deprivation') }}
),

final as (
    select
        {{ typed('ref_lsoa_deprivation', 'lsoa_code') }} as lsoa_code,
        {{ typed('ref_lsoa_deprivation', 'lsoa_vintage') }} as lsoa_vintage,
        {{ typed('ref_lsoa_deprivation', 'iod_release') }} as iod_release,
        {{ typed('ref_lsoa_deprivation', 'domain') }} as domain,
        {{ typed('ref_lsoa_deprivation', 'score') }} as score,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
