-- One row per converged model without a coefficient, and per coefficient without a model.
select
    'estimates.coefficients' as table_name,
    fits.table_no || ', ' || fits.row_label as place
from estimates.fits as fits
anti join estimates.coefficients as coefficients
    on
        fits.run_id = coefficients.run_id
        and fits.spec_id = coefficients.spec_id
where
    fits.run_id = $run_id
    and fits.converged
union all
select
    'estimates.fits' as table_name,
    coefficients.spec_id || ', ' || coefficients.term as place
from estimates.coefficients as coefficients
anti join estimates.fits as fits
    on
        coefficients.run_id = fits.run_id
        and coefficients.spec_id = fits.spec_id
where coefficients.run_id = $run_id
order by table_name, place
