with landed as (
    select * from {{ source('reference', 'ref_ethnic_population') }}
),

final as (
    select
        {{ typed('ref_ethnic_population', 'area_code') }} as area_code,
        {{ typed('ref_ethnic_population', 'census') }} as census,
        case
            when lower(landed.sex) in ('m', 'male', 'males') then 'male'
            when lower(landed.sex) in ('f', 'female', 'females') then 'female'
            else 'persons'
        end as sex,
        {{ age_band_low('landed.age_group') }} as age_low,
        {{ age_band_high('landed.age_group') }} as age_high,
        lower({{ typed('ref_ethnic_population', 'ethnic_group') }}) as ethnic_label,
        {{ typed('ref_ethnic_population', 'persons') }} as persons,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
