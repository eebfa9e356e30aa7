-- The ages that the settings count, and every other stratum of the seed.
with strata as (
    select * from {{ ref('strata') }}
),

final as (
    select
        strata.stratum_type,
        strata.stratum,
        strata.label,
        strata.sort_order,
        strata.is_partition,
        strata.is_unknown,
        strata.is_of_children
    from strata
    where
        strata.stratum_type <> 'age'
        or strata.is_unknown
        or {{ try_int('strata.stratum') }}
        between {{ var('age_min') }} and {{ var('age_max') }}
)

select * from final
