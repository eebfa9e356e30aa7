-- One row per measure and step: events in the returns that reach the rates, in the
-- year.
select
    flow.measure,
    measures.label as measure_label,
    flow.step_no,
    flow.step,
    flow.drop_reason,
    flow.n_events,
    flow.n_dropped,
    flow.n_cross_border
from quality.rpt_cohort_flow as flow
inner join core.dim_measure as measures on flow.measure = measures.measure
where
    flow.census_year = $census_year
    and flow.timing = 'incidence'
order by measures.threshold_no, flow.step_no
