-- One row per census year and measure: England's published total and the sum of the
-- authorities' rows.
select
    totals.census_year,
    measures.label as measure_label,
    totals.timing,
    totals.england_total,
    totals.sum_of_authorities,
    totals.difference,
    totals.marked,
    totals.reason,
    totals.release
from quality.rpt_published_totals as totals
inner join core.dim_measure as measures on totals.measure = measures.measure
order by totals.census_year, measures.threshold_no, totals.timing
