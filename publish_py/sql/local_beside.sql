-- One row per measure, timing and authority beside this one: its statistical neighbours,
-- or without their file the five nearest in income deprivation, England, and itself, as
-- DfE published them: REAL, of children in the authority that returns them.
with own as (
    select
        census_year,
        la_code,
        la_income
    from core.dim_la
    where
        la_number = $la_number
        and census_year = $census_year
),

neighbours as (
    select
        neighbours.neighbour_la_code as la_code,
        neighbours.neighbour_rank as place,
        neighbours.closeness as how
    from core.dim_la_neighbour as neighbours
    inner join own
        on
            neighbours.census_year = own.census_year
            and neighbours.la_code = own.la_code
),

alike as (
    select
        las.la_code,
        row_number() over (
            order by abs(las.la_income - own.la_income), las.la_code
        ) as place,
        printf('%+.1f points', 100.0 * (las.la_income - own.la_income)) as how
    from core.dim_la as las
    inner join own
        on
            las.census_year = own.census_year
            and las.la_code <> own.la_code
    where las.is_study_la
),

beside as (
    select
        la_code,
        place,
        how,
        'neighbour' as kind
    from neighbours
    union all
    select
        la_code,
        place,
        how,
        'alike' as kind
    from alike
    where
        place <= 5
        and not exists (select 1 from neighbours)
    union all
    select
        la_code,
        0 as place,
        'this authority' as how,
        'own' as kind
    from own
    union all
    select
        'E92000001' as la_code,
        1000 as place,
        '' as how,
        'england' as kind
)

select
    beside.kind,
    beside.place,
    beside.how,
    published.area_name,
    published.measure,
    measures.label as measure_label,
    published.timing,
    published.numerator,
    published.marker,
    published.rate_per_10k,
    published.ci_low,
    published.ci_high,
    published.release
from beside
inner join rates.fct_published_rates_la as published
    on
        beside.la_code = published.area_code
        and published.census_year = $census_year
inner join core.dim_measure as measures on published.measure = measures.measure
where published.timing = 'incidence'
order by beside.place, published.area_name, measures.threshold_no
