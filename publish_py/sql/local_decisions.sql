-- One row per return of the authority: whether it entered, and why not.
select
    census_year,
    decision,
    is_counted,
    reason
from quality.rpt_validation_decisions
where la_number = $la_number
order by census_year
