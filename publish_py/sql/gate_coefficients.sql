-- One row per coefficient of a converged model that no estimate can be: not a number, no
-- spread, or outside its own interval.
select
    fits.table_no,
    fits.row_label,
    coefficients.term
from estimates.coefficients as coefficients
inner join estimates.fits as fits
    on
        coefficients.run_id = fits.run_id
        and coefficients.spec_id = fits.spec_id
where
    coefficients.run_id = $run_id
    and fits.converged
    and not coalesce(
        isfinite(coefficients.estimate)
        and isfinite(coefficients.std_error)
        and coefficients.std_error > 0
        and coefficients.estimate between coefficients.ci_low and coefficients.ci_high
        and coefficients.p_value between 0 and 1,
        false
    )
order by fits.table_no, fits.row_label, coefficients.term
