-- One row per measure: England's events and rate in the study's authorities.
select
    measure as label,
    cast(sum(numerator) as bigint) as n_events,
    10000.0 * sum(numerator) / nullif(sum(denominator), 0) as rate_per_10k
from rates.fct_rates_la
where
    census_year = $census_year
    and basis = 'episode'
    and timing = 'incidence'
    and stratum_type = 'all'
group by measure
order by measure
