with rate_grid as (
    select * from {{ ref('rate_grid') }}
),

strata as (
    select * from {{ ref('dim_stratum') }}
),

final as (
    select
        cast(row_number() over (
            order by
                rate_grid.measure,
                rate_grid.basis,
                rate_grid.timing,
                rate_grid.stratum_type,
                strata.stratum
        ) as integer) as cell_no,
        rate_grid.measure,
        rate_grid.basis,
        rate_grid.timing,
        rate_grid.stratum_type,
        strata.stratum,
        strata.is_partition,
        strata.is_unknown,
        -- Events are per all children of the area; the unknown are per nobody.
        case
            when strata.is_unknown then cast(null as string)
            when strata.is_of_children then strata.stratum_type
            else 'all'
        end as population_stratum_type,
        case
            when strata.is_unknown then cast(null as string)
            when strata.is_of_children then strata.stratum
            else 'all'
        end as population_stratum,
        rate_grid.lsoa as is_at_lsoa,
        rate_grid.msoa as is_at_msoa,
        rate_grid.la as is_at_la
    from rate_grid
    inner join strata on rate_grid.stratum_type = strata.stratum_type
)

select * from final
