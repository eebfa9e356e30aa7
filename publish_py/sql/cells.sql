-- One row per printed cell of one run: the estimate, the report's value with its
-- interval, the planted truth, and what protection needs to know about the model
-- behind it.
select
    cells.table_no,
    cells.row_label,
    cells.statistic,
    cells.value,
    cells.ci_low,
    cells.ci_high,
    cells.published_value,
    published.ci_low as published_low,
    published.ci_high as published_high,
    cells.planted_value,
    interaction.p_value,
    fits.measure,
    fits.stratum_type,
    fits.stratum,
    fits.n_events,
    fits.converged,
    fits.reason
from estimates.cells as cells
inner join estimates.fits as fits
    on
        cells.run_id = fits.run_id
        and cells.table_no = fits.table_no
        and cells.row_label = fits.row_label
left join estimates.coefficients as interaction
    on
        fits.run_id = interaction.run_id
        and fits.spec_id = interaction.spec_id
        and cells.statistic = 'interaction'
        and interaction.term = 'x1:x2'
left join modelling.mdl_published_values as published
    on
        cells.table_no = published.table_no
        and cells.row_label = published.row_label
        and cells.statistic = published.statistic
where cells.run_id = $run_id
