-- One row per census year and threshold: the authority's own gradient, relative (rate
-- ratio for 10 percentage points of neighbourhood income deprivation) and absolute (more
-- per 10,000 children), beside what the report prints for England.
with england as (
    select
        row_label,
        value,
        ci_low,
        ci_high
    from modelling.mdl_published_values
    where
        table_no = '2'
        and statistic = 'irr'
),

ranges as (
    select
        replace(statistic, 'per_la_gradient_range_', '') as measure,
        ci_low,
        ci_high
    from modelling.mdl_published_values
    where
        table_no = 'text'
        and statistic like 'per_la_gradient_range_%'
)

select
    gradients.census_year,
    gradients.measure,
    measures.label as measure_label,
    measures.report_label as short_label,
    gradients.n_events,
    gradients.n_lsoas,
    gradients.irr,
    gradients.ci_low,
    gradients.ci_high,
    gradients.reason,
    lines.slope,
    lines.ci_low as slope_low,
    lines.ci_high as slope_high,
    lines.reason as slope_reason,
    england.value as england,
    england.ci_low as england_low,
    england.ci_high as england_high,
    ranges.ci_low as range_low,
    ranges.ci_high as range_high
from estimates.la_gradients as gradients
inner join core.dim_la as las
    on
        gradients.census_year = las.census_year
        and gradients.la_code = las.la_code
inner join core.dim_measure as measures on gradients.measure = measures.measure
left join estimates.figure_02_lines as lines
    on
        gradients.run_id = lines.run_id
        and gradients.measure = lines.measure
left join england on measures.report_label = england.row_label
left join ranges on gradients.measure = ranges.measure
where las.la_number = $la_number
order by gradients.census_year, measures.threshold_no
