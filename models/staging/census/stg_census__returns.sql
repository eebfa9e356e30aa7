with landed as (
    select * from {{ source('census', 'returns') }}
),

final as (
    select
        {{ typed_keys('returns') }},
        {{ typed('returns', 'reference_date') }} as reference_date,
        {{ typed('returns', 'software_code') }} as software_code,
        {{ typed('returns', 'release') }} as release,
        {{ typed('returns', 'serial_no') }} as serial_no,
        {{ typed('returns', 'submitted_at') }} as submitted_at,
        {{ typed('returns', 'file_name') }} as file_name,
        {{ typed('returns', 'file_sha256') }} as file_sha256,
        {{ typed('returns', 'n_children') }} as n_children,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
