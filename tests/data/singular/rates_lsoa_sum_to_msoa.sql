-- Cells that both grains have: their LSOAs add up to the MSOA.
with shared_cells as (
    select distinct
        measure,
        basis,
        timing,
        stratum_type
    from {{ ref('int_counts__grid') }}
    where is_at_lsoa and is_at_msoa
),

lsoas as (
    select
        rates.census_year,
        dim_lsoa.msoa_code,
        rates.measure,
        rates.basis,
        rates.timing,
        rates.stratum_type,
        rates.stratum,
        sum(rates.numerator) as numerator,
        sum(rates.denominator) as denominator
    from {{ ref('fct_rates_lsoa') }} as rates
    inner join {{ ref('dim_lsoa') }} as dim_lsoa
        on
            rates.census_year = dim_lsoa.census_year
            and rates.lsoa_code = dim_lsoa.lsoa_code
    inner join shared_cells
        on
            rates.measure = shared_cells.measure
            and rates.basis = shared_cells.basis
            and rates.timing = shared_cells.timing
            and rates.stratum_type = shared_cells.stratum_type
    group by 1, 2, 3, 4, 5, 6, 7
),

msoas as (
    select rates.*
    from {{ ref('fct_rates_msoa') }} as rates
    inner join shared_cells
        on
            rates.measure = shared_cells.measure
            and rates.basis = shared_cells.basis
            and rates.timing = shared_cells.timing
            and rates.stratum_type = shared_cells.stratum_type
)

select
    coalesce(lsoas.census_year, msoas.census_year) as census_year,
    coalesce(lsoas.msoa_code, msoas.msoa_code) as msoa_code,
    coalesce(lsoas.measure, msoas.measure) as measure
from lsoas
full outer join msoas
    on
        lsoas.census_year = msoas.census_year
        and lsoas.msoa_code = msoas.msoa_code
        and lsoas.measure = msoas.measure
        and lsoas.basis = msoas.basis
        and lsoas.timing = msoas.timing
        and lsoas.stratum_type = msoas.stratum_type
        and lsoas.stratum = msoas.stratum
where
    lsoas.numerator is distinct from msoas.numerator
    or (lsoas.denominator is null) <> (msoas.denominator is null)
    or abs(lsoas.denominator - msoas.denominator) > 1e-6
