-- One row per cell of the runs on real public counts of a build, with the report's value
-- and the authorities that it rests on.
select
    runs.run_id,
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
    fits.n_obs as n_las,
    notes.reason
from estimates.cells as cells
inner join estimates.runs as runs
    on
        cells.run_id = runs.run_id
        and runs.dataset = 'public'
        and runs.build_id = $build_id
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
order by runs.census_year
