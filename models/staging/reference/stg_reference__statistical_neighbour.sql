with landed as (
    select * from {{ source('reference', 'ref_statistical_neighbour') }}
),

final as (
    select
        {{ typed('ref_statistical_neighbour', 'la_number') }} as la_number,
        {{ typed('ref_statistical_neighbour', 'neighbour_rank') }} as neighbour_rank,
        {{ typed('ref_statistical_neighbour', 'neighbour_la_number') }}
            as neighbour_la_number,
        {{ typed('ref_statistical_neighbour', 'closeness') }} as closeness,
        landed.source_file,
        cast(landed.source_row as bigint) as source_row
    from landed
)

select * from final
