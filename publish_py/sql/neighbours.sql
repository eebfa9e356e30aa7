-- One row per authority and statistical neighbour, the closest first.
select
    neighbours.la_code,
    neighbours.neighbour_rank,
    neighbours.neighbour_la_code,
    neighbours.closeness
from core.dim_la_neighbour as neighbours
where neighbours.census_year = $census_year
order by neighbours.la_code, neighbours.neighbour_rank
