with landed as (
    select * from {{ source('reference', 'ref_la_code') }}
),

final as (
    select
        {{ typed('ref_la_code', 'la_number') }} as la_number,
        {{ typed('ref_la_code', 'la_code') }} as la_code,
        {{ typed('ref_la_code', 'la_name') }} as la_name,
        {{ typed('ref_la_code', 'region_code') }} as region_code,
        {{ typed('ref_la_code', 'region_name') }} as region_name,
        {{ typed('ref_la_code', 'first_year') }} as first_year,
        {{ typed('ref_la_code', 'last_year') }} as last_year,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
