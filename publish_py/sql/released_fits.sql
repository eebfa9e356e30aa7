-- One row per model of a run, with the trials behind it where its events are outcomes.
with trials as (

    select
        spec_id,
        max(n_trials) as n_trials
    from estimates.cell_notes
    where run_id = $run_id
    group by spec_id

)

select
    fits.spec_id,
    fits.table_no,
    fits.row_label,
    fits.measure,
    fits.stratum_type,
    fits.stratum,
    fits.family,
    fits.n_obs,
    fits.n_groups,
    fits.n_events,
    trials.n_trials,
    fits.log_likelihood,
    fits.group_sd,
    fits.dispersion,
    fits.converged,
    fits.reason
from estimates.fits as fits
left join trials on fits.spec_id = trials.spec_id
where fits.run_id = $run_id
order by fits.spec_id
