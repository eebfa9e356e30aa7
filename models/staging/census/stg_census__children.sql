-- Identifiers leave this model only as keyed hashes. A child without an identifier of
-- the authority's own gets a key of its own row: counted once, never joined to another.
with landed as (
    select * from {{ source('census', 'children') }}
),

secret as (
    select hash_key from {{ source('ingest', 'hash_key') }}
),

final as (
    select
        {{ typed_keys('children') }},
        coalesce(
            {{ hash_key(["'la_child_id'", landed('la_number'), landed('la_child_id')],
                        'secret.hash_key') }},
            {{ hash_key(["'no identifier'", landed('la_number'), 'landed.census_year',
                         landed('child_no')], 'secret.hash_key') }}
        ) as child_key,
        {{ hash_key(["'pupil'", 'upper(' ~ landed('upn') ~ ')'], 'secret.hash_key') }}
            as upn_key,
        {{ hash_key(["'pupil'", 'upper(' ~ landed('former_upn') ~ ')'],
                    'secret.hash_key') }} as former_upn_key,
        {{ typed('children', 'upn_unknown') }} as upn_unknown_code,
        {{ typed('children', 'birth_date') }} as birth_date,
        {{ typed('children', 'expected_birth_date') }} as expected_birth_date,
        coalesce({{ typed('children', 'sex') }}, 'unknown') as sex,
        {{ typed('children', 'death_date') }} as death_date,
        {{ typed('children', 'ethnicity') }} as ethnicity,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
    cross join secret
    {{ code_joins('children') }}
)

select * from final
