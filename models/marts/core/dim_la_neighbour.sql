with neighbours as (
    select * from {{ ref('stg_reference__statistical_neighbour') }}
),

authorities as (
    select * from {{ ref('dim_la') }}
),

-- Many to one on both sides: a number names one authority a year. A neighbour that is
-- not in force that year (a merged authority) is left out; the ranks keep their gaps.
final as (
    select
        authorities.census_year,
        authorities.la_code,
        neighbours.neighbour_rank,
        others.la_code as neighbour_la_code,
        neighbours.closeness
    from neighbours
    inner join authorities on neighbours.la_number = authorities.la_number
    inner join authorities as others
        on
            neighbours.neighbour_la_number = others.la_number
            and authorities.census_year = others.census_year
)

select * from final
