-- One row per authority of the year, with its place on the map where it has one.
select
    las.la_code,
    las.la_number,
    las.la_name,
    las.region_name,
    las.is_study_la,
    las.n_lsoas,
    las.population,
    100.0 * las.la_income as la_income_pct,
    case
        when las.is_study_la and las.la_income is not null then
rank() over (
                partition by las.is_study_la
                order by las.la_income desc nulls last
            )
    end as income_rank,
    tiles.tile_col,
    tiles.tile_row
from core.dim_la as las
left join core.dim_la_tile as tiles
    on
        las.census_year = tiles.census_year
        and las.la_code = tiles.la_code
where las.census_year = $census_year
order by las.la_name
