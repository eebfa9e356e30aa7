with landed as (
    select * from {{ source('reference', 'ref_la_indicator') }}
),

final as (
    select
        {{ typed('ref_la_indicator', 'la_code') }} as la_code,
        lower({{ typed('ref_la_indicator', 'indicator') }}) as indicator,
        {{ typed('ref_la_indicator', 'census_year') }} as census_year,
        {{ typed('ref_la_indicator', 'value') }} as value,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
