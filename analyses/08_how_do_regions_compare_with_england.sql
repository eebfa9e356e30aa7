-- Question: which regions stand above or below England on each threshold, by more than
-- chance?
-- Answer: one row per region and measure, with its rate over England's and whether
-- England's rate lies outside its 95 % limits.
-- Against: a release.
with regions as (
    select *
    from published.rates_region
    where
        stratum_type = 'all'
        and basis = 'episode'
        and timing = 'incidence'
),

england as (
    select *
    from published.rates_england
    where
        stratum_type = 'all'
        and basis = 'episode'
        and timing = 'incidence'
)

select
    regions.census_year,
    regions.measure,
    regions.area_name as region_name,
    regions.rate_per_10k,
    regions.ci_low,
    regions.ci_high,
    england.rate_per_10k as england_rate,
    regions.rate_per_10k / nullif(england.rate_per_10k, 0) as ratio_to_england,
    england.rate_per_10k not between regions.ci_low and regions.ci_high
        as is_beyond_chance
from regions
inner join england
    on
        regions.census_year = england.census_year
        and regions.measure = england.measure
order by regions.census_year asc, regions.measure asc, ratio_to_england desc
