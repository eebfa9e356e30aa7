-- One row per area (each authority studied, and England, their sum), measure, timing and
-- stratum: episodes counted, with exact limits for single authorities. These are all the
-- counts that a reader can add up, so protection is decided over them together. Sex is
-- not shown for single authorities: each has a few children of unknown sex, who could be
-- hidden only by hiding one of the sexes as well.
with counts as (

    select
        rates.la_code,
        rates.measure,
        rates.timing,
        rates.stratum_type,
        rates.stratum,
        rates.numerator,
        rates.denominator,
        rates.rate_per_10k,
        rates.ci_low,
        rates.ci_high
    from rates.fct_rates_la as rates
    where
        rates.census_year = $census_year
        and rates.basis = 'episode'

),

areas as (

    select
        la_code as area,
        measure,
        timing,
        stratum_type,
        stratum,
        numerator,
        denominator,
        rate_per_10k,
        ci_low,
        ci_high
    from counts
    where stratum_type <> 'sex'
    union all
    select
        'England' as area,
        measure,
        timing,
        stratum_type,
        stratum,
        cast(sum(numerator) as bigint) as numerator,
        sum(denominator) as denominator,
        10000.0 * sum(numerator) / nullif(sum(denominator), 0) as rate_per_10k,
        null as ci_low,
        null as ci_high
    from counts
    group by measure, timing, stratum_type, stratum

)

select
    areas.area,
    areas.measure,
    measures.label as measure_label,
    areas.timing,
    areas.stratum_type,
    areas.stratum,
    strata.label as stratum_label,
    strata.is_partition,
    areas.numerator,
    areas.denominator,
    areas.rate_per_10k,
    areas.ci_low,
    areas.ci_high
from areas
inner join core.dim_measure as measures on areas.measure = measures.measure
inner join core.dim_stratum as strata
    on
        areas.stratum_type = strata.stratum_type
        and areas.stratum = strata.stratum
order by
    areas.area, measures.threshold_no, areas.timing, strata.stratum_type, strata.sort_order
