-- One row per census year, area within the authority, measure, timing and stratum: areas
-- are tenths of England's neighbourhoods by income deprivation (all children only), and
-- the authority's own. How many LSOAs stand behind a count, and the most that one of
-- them has of it.
with own as (
    select
        lsoas.census_year,
        lsoas.lsoa_code
    from core.dim_lsoa as lsoas
    inner join core.dim_la as las
        on
            lsoas.census_year = las.census_year
            and lsoas.la_code = las.la_code
    where las.la_number = $la_number
),

places as (
    select
        own.census_year,
        own.lsoa_code,
        'income_decile' as area_type,
        cast(context.income_decile as varchar) as area
    from own
    inner join modelling.mdl_lsoa_context as context
        on
            own.census_year = context.census_year
            and own.lsoa_code = context.lsoa_code
    union all
    select
        own.census_year,
        own.lsoa_code,
        areas.area_type,
        areas.area
    from own
    inner join core.dim_local_area as areas on own.lsoa_code = areas.lsoa_code
)

select
    places.census_year,
    places.area_type,
    places.area,
    rates.measure,
    any_value(measures.label) as measure_label,
    rates.timing,
    rates.stratum_type,
    rates.stratum,
    any_value(strata.label) as stratum_label,
    any_value(strata.is_partition) as is_partition,
    any_value(strata.is_unknown) as is_unknown,
    cast(sum(rates.numerator) as bigint) as numerator,
    sum(rates.denominator) as denominator,
    10000.0 * sum(rates.numerator) / nullif(sum(rates.denominator), 0) as rate_per_10k,
    count(*) as n_lsoas,
    max(rates.numerator) as largest_lsoa
from rates.fct_rates_lsoa as rates
inner join places
    on
        rates.census_year = places.census_year
        and rates.lsoa_code = places.lsoa_code
inner join core.dim_measure as measures on rates.measure = measures.measure
inner join core.dim_stratum as strata
    on
        rates.stratum_type = strata.stratum_type
        and rates.stratum = strata.stratum
where
    rates.basis = 'episode'
    and (places.area_type <> 'income_decile' or rates.stratum_type = 'all')
group by
    places.census_year, places.area_type, places.area,
    rates.measure, rates.timing, rates.stratum_type, rates.stratum
order by
    places.census_year, places.area_type, try_cast(places.area as integer), places.area,
    min(measures.threshold_no), rates.timing, rates.stratum_type, min(strata.sort_order)
