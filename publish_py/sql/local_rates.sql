-- One row per census year, measure, timing and stratum of the authority: episodes of
-- children who live there, with exact limits.
select
    rates.census_year,
    'la' as area_type,
    'la' as area,
    rates.measure,
    measures.label as measure_label,
    rates.timing,
    rates.stratum_type,
    rates.stratum,
    strata.label as stratum_label,
    strata.is_partition,
    strata.is_unknown,
    rates.numerator,
    rates.denominator,
    rates.rate_per_10k,
    rates.ci_low,
    rates.ci_high
from rates.fct_rates_la as rates
inner join core.dim_la as las
    on
        rates.census_year = las.census_year
        and rates.la_code = las.la_code
inner join core.dim_measure as measures on rates.measure = measures.measure
inner join core.dim_stratum as strata
    on
        rates.stratum_type = strata.stratum_type
        and rates.stratum = strata.stratum
where
    las.la_number = $la_number
    and rates.basis = 'episode'
order by
    rates.census_year, measures.threshold_no, rates.timing,
    strata.stratum_type, strata.sort_order
