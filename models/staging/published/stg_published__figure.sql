with landed as (
    select * from {{ source('reference_public', 'ref_published_indicator') }}
),

final as (
    select
        {{ typed('ref_published_indicator', 'publication') }} as publication,
        {{ typed('ref_published_indicator', 'release') }} as release,
        {{ typed('ref_published_indicator', 'table_name') }} as table_name,
        {{ typed('ref_published_indicator', 'time_period') }} as time_period,
        {{ typed('ref_published_indicator', 'geographic_level') }} as geographic_level,
        {{ typed('ref_published_indicator', 'area_code') }} as area_code,
        {{ typed('ref_published_indicator', 'la_number') }} as la_number,
        {{ typed('ref_published_indicator', 'area_name') }} as area_name,
        {{ typed('ref_published_indicator', 'topic') }} as topic,
        {{ typed('ref_published_indicator', 'breakdown') }} as breakdown,
        {{ typed('ref_published_indicator', 'measure') }} as measure,
        {{ typed('ref_published_indicator', 'value') }} as value,
        {{ typed('ref_published_indicator', 'marker') }} as marker,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
