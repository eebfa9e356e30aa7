-- One row per authority with at least 30 referred children: its match rate. Fewer
-- children than that make a percentage of chance.
select
    category as label,
    100.0 * match_rate as match_pct
from quality.rpt_match_rates
where
    census_year = $census_year
    and breakdown = 'la'
    and n_children >= 30
order by category
