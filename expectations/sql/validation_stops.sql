-- One row: the returns of the year that stop a release by the validation thresholds.
select
    'England' as label,
    count(*) as n_stopping
from quality.rpt_validation_decisions
where
    census_year = $census_year
    and decision = 'stops_release'
