-- One row: the share of referred children aged 5-15 that have a neighbourhood.
select
    'England' as label,
    100.0 * match_rate as match_pct
from quality.rpt_match_rates
where
    census_year = $census_year
    and breakdown = 'all'
