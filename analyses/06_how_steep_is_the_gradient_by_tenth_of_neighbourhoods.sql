-- Question: how much more often does each threshold apply in the poorer tenths of
-- neighbourhoods than in the least poor tenth?
-- Answer: one row per measure and tenth of England's LSOAs, from least (1) to most (10)
-- deprived, with the ratio of its rate to that of the least deprived.
-- Against: a release.
with tenths as (
    select
        *,
        cast(stratum as integer) as income_tenth
    from published.rates_decile
    where
        area_code = 'E92000001'
        and stratum_type = 'income_decile'
        and basis = 'episode'
        and timing = 'incidence'
)

select
    tenths.census_year,
    tenths.measure,
    tenths.income_tenth,
    tenths.count as n_events,
    tenths.rate_per_10k,
    tenths.ci_low,
    tenths.ci_high,
    tenths.rate_per_10k / nullif(least.rate_per_10k, 0) as ratio_to_least_deprived,
    tenths.is_suppressed
from tenths
inner join tenths as least
    on
        tenths.census_year = least.census_year
        and tenths.measure = least.measure
        and least.income_tenth = 1
order by tenths.census_year, tenths.measure, tenths.income_tenth
