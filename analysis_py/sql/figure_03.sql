-- One row per LA: its income deprivation and its rate with exact limits.
select
    rates.la_code as place,
    cast(100.0 * las.la_income as double) as x,
    cast(rates.rate_per_10k as double) as y,
    cast(rates.ci_low as double) as ci_low,
    cast(rates.ci_high as double) as ci_high,
    cast(rates.numerator as bigint) as n_events,
    cast(las.n_lsoas as bigint) as n_areas,
    cast(rates.denominator as double) as population
from rates.fct_rates_la as rates
-- one to one
inner join modelling.mdl_la_context as las
    on
        rates.la_code = las.la_code
        and rates.census_year = las.census_year
where
    rates.census_year = $census_year
    and rates.measure = $measure
    and rates.basis = 'episode'
    and rates.timing = 'incidence'
    and rates.stratum_type = 'all'
    and rates.stratum = 'all'
    and rates.denominator > 0
order by rates.la_code
