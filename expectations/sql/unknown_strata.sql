-- One row per measure and kind of strata of children: the share of England's events whose
-- stratum is not known.
select
    measure || ', ' || stratum_type as label,
    100.0 * sum(case when stratum = 'unknown' then numerator else 0 end)
    / nullif(sum(numerator), 0) as unknown_pct
from rates.fct_rates_la
where
    census_year = $census_year
    and basis = 'episode'
    and timing = 'incidence'
    and stratum_type in ('sex', 'age', 'ethnicity')
group by measure, stratum_type
having
    sum(numerator) > 0
    and count(case when stratum = 'unknown' then 1 end) > 0
order by label
