with authorities as (
    select * from {{ ref('dim_la') }}
),

tiles as (
    select * from {{ ref('la_tiles_2019') }}
),

-- One to one: a code has one tile. Authorities made after 2019 have none.
final as (
    select
        authorities.census_year,
        authorities.la_code,
        tiles.tile_col,
        tiles.tile_row
    from authorities
    inner join tiles on authorities.la_code = tiles.la_code
)

select * from final
