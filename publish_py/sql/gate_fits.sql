-- One row per model of a run's tables.
select
    fits.table_no,
    fits.row_label,
    fits.n_groups,
    fits.n_events,
    fits.converged,
    fits.reason
from estimates.fits as fits
where fits.run_id = $run_id
order by fits.table_no, fits.row_label, fits.spec_id
