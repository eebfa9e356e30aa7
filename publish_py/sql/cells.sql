-- One row per printed cell of some runs: the estimate, the report's value with its
-- interval, the planted truth, and what protection needs to know about what is behind
-- it: the model, its events and trials, and whether the cell is counted or estimated.
select
    runs.census_year,
    cells.table_no,
    cells.row_label,
    cells.statistic,
    cells.value,
    cells.ci_low,
    cells.ci_high,
    cells.published_value,
    published.ci_low as published_low,
    published.ci_high as published_high,
    published.p_value as published_p,
    cells.planted_value,
    notes.how,
    notes.p_value,
    notes.p_adjusted,
    notes.is_extrapolated,
    notes.reason,
    fits.measure,
    fits.stratum_type,
    fits.stratum,
    coalesce(notes.n_events, 0) as n_events,
    notes.n_trials,
    fits.n_obs,
    fits.n_groups as n_las,
    coalesce(fits.converged, true) as converged
from estimates.cells as cells
inner join estimates.runs as runs on cells.run_id = runs.run_id
inner join estimates.cell_notes as notes
    on
        cells.run_id = notes.run_id
        and cells.table_no = notes.table_no
        and cells.row_label = notes.row_label
        and cells.statistic = notes.statistic
left join estimates.fits as fits
    on
        notes.run_id = fits.run_id
        and notes.spec_id = fits.spec_id
left join modelling.mdl_published_values as published
    on
        cells.table_no = published.table_no
        and cells.row_label = coalesce(published.row_label, '')
        and cells.statistic = published.statistic
where list_contains($run_ids, cells.run_id)
