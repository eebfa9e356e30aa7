-- One row per LSOA with a population: its income deprivation in percentage points and
-- its rate per 10,000, the points under the line of Figure 2.
select
    cast(100.0 * context.income as double) as income_pct,
    cast(10000.0 * counts.n_events / counts.population as double) as rate_per_10k
from modelling.mdl_lsoa_counts as counts
inner join modelling.mdl_lsoa_context as context
    on
        counts.lsoa_code = context.lsoa_code
        and counts.census_year = context.census_year
where
    counts.census_year = $census_year
    and counts.measure = $measure
    and counts.stratum_type = 'all'
    and counts.stratum = 'all'
    and counts.population > 0
    and context.income is not null
order by counts.lsoa_code
