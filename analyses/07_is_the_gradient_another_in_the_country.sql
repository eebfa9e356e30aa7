-- Question: at the same deprivation, do rural neighbourhoods have fewer interventions
-- than urban ones? (Figure 7 of the report.)
-- Answer: one row per measure and tenth of England's LSOAs, rural beside urban. A tenth
-- without rural LSOAs enough to be published has NULL there.
-- Against: a release.
with parts as (
    select
        census_year,
        measure,
        cast(split_part(stratum, ' ', 1) as integer) as income_tenth,
        split_part(stratum, ' ', 2) as kind,
        rate_per_10k
    from published.rates_decile
    where
        area_code = 'E92000001'
        and stratum_type = 'income_decile_rural_urban'
        and basis = 'episode'
        and timing = 'incidence'
)

select
    census_year,
    measure,
    income_tenth,
    max(case when kind = 'urban' then rate_per_10k end) as urban_rate,
    max(case when kind = 'rural' then rate_per_10k end) as rural_rate,
    max(case when kind = 'rural' then rate_per_10k end)
    / nullif(max(case when kind = 'urban' then rate_per_10k end), 0) as rural_to_urban
from parts
group by census_year, measure, income_tenth
order by census_year, measure, income_tenth
