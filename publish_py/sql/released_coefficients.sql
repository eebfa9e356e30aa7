-- One row per coefficient of a run's models.
select
    spec_id,
    term,
    estimate,
    std_error,
    ci_low,
    ci_high,
    ratio,
    ratio_low,
    ratio_high,
    p_value
from estimates.coefficients
where run_id = $run_id
order by spec_id, term
