-- Cells that both grains have: their LSOAs add up to the authority.
with lsoas as (
    select
        rates.census_year,
        rates.la_code,
        rates.measure,
        rates.basis,
        rates.timing,
        rates.stratum_type,
        rates.stratum,
        sum(rates.numerator) as numerator,
        sum(rates.denominator) as denominator
    from {{ ref('fct_rates_lsoa') }} as rates
    group by 1, 2, 3, 4, 5, 6, 7
),

shared_cells as (
    select distinct
        measure,
        basis,
        timing,
        stratum_type
    from lsoas
),

las as (
    select rates.*
    from {{ ref('fct_rates_la') }} as rates
    inner join shared_cells
        on
            rates.measure = shared_cells.measure
            and rates.basis = shared_cells.basis
            and rates.timing = shared_cells.timing
            and rates.stratum_type = shared_cells.stratum_type
)

select
    coalesce(lsoas.census_year, las.census_year) as census_year,
    coalesce(lsoas.la_code, las.la_code) as la_code,
    coalesce(lsoas.measure, las.measure) as measure
from lsoas
full outer join las
    on
        lsoas.census_year = las.census_year
        and lsoas.la_code = las.la_code
        and lsoas.measure = las.measure
        and lsoas.basis = las.basis
        and lsoas.timing = las.timing
        and lsoas.stratum_type = las.stratum_type
        and lsoas.stratum = las.stratum
where
    lsoas.numerator is distinct from las.numerator
    or (lsoas.denominator is null) <> (las.denominator is null)
    or abs(lsoas.denominator - las.denominator) > 1e-6
