-- One row per measure that DfE publishes and a complete real return can be held
-- against.
select
    measure as label,
    ratio
from quality.rpt_reconciliation
where
    census_year = $census_year
    and is_comparable
order by measure
