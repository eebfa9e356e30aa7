-- One row per census year and measure: all events that the authority returned, of children
-- of any age and address, beside the number that DfE published for it.
select
    totals.census_year,
    totals.measure,
    measures.label as measure_label,
    totals.n_events,
    totals.dfe_n_events,
    totals.dfe_marker,
    totals.difference_share,
    totals.reason
from quality.rpt_reconciliation_la as totals
inner join core.dim_measure as measures on totals.measure = measures.measure
where
    totals.la_number = $la_number
    and totals.n_events is not null
order by totals.census_year, measures.threshold_no
