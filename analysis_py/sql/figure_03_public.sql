-- One row per LA: its income deprivation (IoD 2019) and the rate that DfE's published
-- number makes, with exact limits.
select
    rates.area_code as place,
    cast(100.0 * las.income_2019 as double) as x,
    cast(rates.rate_per_10k as double) as y,
    cast(rates.ci_low as double) as ci_low,
    cast(rates.ci_high as double) as ci_high,
    cast(rates.numerator as bigint) as n_events,
    cast(null as bigint) as n_areas,
    cast(rates.denominator as double) as population
from rates.fct_published_rates_la as rates
-- one to one
inner join modelling.mdl_public_la as las
    on
        rates.area_code = las.la_code
        and rates.census_year = las.census_year
where
    rates.census_year = $census_year
    and rates.geographic_level = 'la'
    and rates.measure = $measure
    and rates.timing = 'incidence'
    and rates.numerator is not null
order by rates.area_code
