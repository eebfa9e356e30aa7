-- The hashes are made as in stg_census__children, so that either file's key finds the
-- other's row. UPN and PMR share one kind of hash: a research extract of the census
-- carries the pupil matching reference in place of the UPN.
with landed as (
    select * from {{ source('locations', 'child_locations') }}
),

secret as (
    select hash_key from {{ source('ingest', 'hash_key') }}
),

final as (
    select
        {{ typed_keys('child_locations') }},
        {{ hash_key(["'la_child_id'", landed('la_number'), landed('la_child_id')],
                    'secret.hash_key') }} as child_key,
        {{ hash_key(["'pupil'", 'upper(' ~ landed('upn') ~ ')'], 'secret.hash_key') }}
            as upn_key,
        {{ hash_key(["'pupil'", 'upper(' ~ landed('pmr') ~ ')'], 'secret.hash_key') }}
            as pmr_key,
        {{ typed('child_locations', 'lsoa_code') }} as lsoa_code,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
    cross join secret
)

select * from final
