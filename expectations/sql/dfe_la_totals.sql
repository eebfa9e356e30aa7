-- One row per authority and measure whose real return can be held against the number that
-- DfE published for it: 1 where the difference is outside its threshold.
select
    la_number || ' ' || measure as label,
    case when reason = 'outside_threshold' then 1 else 0 end as n_outside
from quality.rpt_reconciliation_la
where
    census_year = $census_year
    and is_comparable
order by la_number, measure
