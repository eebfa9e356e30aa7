with landed as (
    select * from {{ source('census', 'child_protection_plans') }}
),

final as (
    select
        {{ typed_keys('child_protection_plans') }},
        {{ typed('child_protection_plans', 'start_date') }} as start_date,
        {{ typed('child_protection_plans', 'end_date') }} as end_date,
        {{ typed('child_protection_plans', 'initial_category') }} as initial_category,
        {{ typed('child_protection_plans', 'latest_category') }} as latest_category,
        {{ typed('child_protection_plans', 'n_previous_plans') }} as n_previous_plans,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
    {{ code_joins('child_protection_plans') }}
)

select * from final
