-- One row: percentage points between the match rates of boys and girls.
select
    'England' as label,
    100.0 * (max(match_rate) - min(match_rate)) as gap_points
from quality.rpt_match_rates
where
    census_year = $census_year
    and breakdown = 'sex'
    and category in ('male', 'female')
