-- One row per measure: the regression of the authorities' gradients on their income.
select
    lines.measure,
    measures.label as measure_label,
    measures.report_label,
    lines.n_las,
    lines.mean_irr,
    lines.intercept,
    lines.slope,
    lines.ci_low,
    lines.ci_high,
    lines.reason,
    published.value as published_mean,
    published_range.ci_low as published_low,
    published_range.ci_high as published_high
from estimates.la_gradient_lines as lines
inner join core.dim_measure as measures on lines.measure = measures.measure
left join modelling.mdl_published_values as published
    on published.statistic = 'per_la_gradient_mean_' || lines.measure
left join modelling.mdl_published_values as published_range
    on published_range.statistic = 'per_la_gradient_range_' || lines.measure
where lines.run_id = $run_id
order by measures.threshold_no
