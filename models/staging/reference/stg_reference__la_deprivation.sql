with landed as (
    select * from {{ source('reference', 'ref_la_deprivation') }}
),

final as (
    select
        {{ typed('ref_la_deprivation', 'la_code') }} as la_code,
        {{ typed('ref_la_deprivation', 'iod_release') }} as iod_release,
        {{ typed('ref_la_deprivation', 'domain') }} as domain,
        {{ typed('ref_la_deprivation', 'average_score') }} as average_score,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
