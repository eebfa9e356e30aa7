-- Question: at which ages are children most often referred, and does that age move with
-- the threshold?
-- Answer: one row per measure and single year of age in England, with the rank of the
-- age within its measure.
-- Against: a release.
select
    census_year,
    measure,
    cast(stratum as integer) as age,
    count as n_events,
    rate_per_10k,
    ci_low,
    ci_high,
    rank() over (
        partition by census_year, measure order by rate_per_10k desc nulls last
    ) as age_rank
from published.rates_england
where
    stratum_type = 'age'
    and stratum <> 'unknown'
    and basis = 'episode'
    and timing = 'incidence'
order by census_year, measure, age
