with landed as (
    select * from {{ source('reference', 'ref_lsoa_population') }}
),

final as (
    select
        {{ typed('ref_lsoa_population', 'lsoa_code') }} as lsoa_code,
        {{ typed('ref_lsoa_population', 'lsoa_vintage') }} as lsoa_vintage,
        {{ typed('ref_lsoa_population', 'mid_year') }} as mid_year,
        {{ typed('ref_lsoa_population', 'sex') }} as sex,
        {{ typed('ref_lsoa_population', 'all_ages') }} as all_ages,
        {% for age in range(91) -%}
        {{ typed('ref_lsoa_population', 'age_' ~ age) }} as age_{{ age }},
        {% endfor -%}
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
