-- One row per census year in which an authority has rates, the earliest first, with the
-- code in force on that 31 March.
select
    las.census_year,
    las.la_code
from core.dim_la as las
where
    las.la_number = $la_number
    and las.is_study_la
order by las.census_year
