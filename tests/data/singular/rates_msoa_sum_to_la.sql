-- Cells that both grains have: their MSOAs add up to the authority. Where an MSOA has
-- no population (an ethnic group that no census table has), neither has the authority.
with msoas as (
    select
        rates.census_year,
        rates.la_code,
        rates.measure,
        rates.basis,
        rates.timing,
        rates.stratum_type,
        rates.stratum,
        sum(rates.numerator) as numerator,
        case
            when count(rates.denominator) = count(*) then sum(rates.denominator)
        end as denominator
    from {{ ref('fct_rates_msoa') }} as rates
    group by 1, 2, 3, 4, 5, 6, 7
),

shared_cells as (
    select distinct
        measure,
        basis,
        timing,
        stratum_type
    from msoas
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
    coalesce(msoas.census_year, las.census_year) as census_year,
    coalesce(msoas.la_code, las.la_code) as la_code,
    coalesce(msoas.measure, las.measure) as measure
from msoas
full outer join las
    on
        msoas.census_year = las.census_year
        and msoas.la_code = las.la_code
        and msoas.measure = las.measure
        and msoas.basis = las.basis
        and msoas.timing = las.timing
        and msoas.stratum_type = las.stratum_type
        and msoas.stratum = las.stratum
where
    msoas.numerator is distinct from las.numerator
    or (msoas.denominator is null) <> (las.denominator is null)
    or abs(msoas.denominator - las.denominator) > 1e-6
