-- One row per cell and other way to estimate it.
select
    sensitivities.table_no,
    sensitivities.row_label,
    sensitivities.statistic,
    sensitivities.method,
    sensitivities.value,
    sensitivities.ci_low,
    sensitivities.ci_high,
    sensitivities.p_value,
    sensitivities.is_extrapolated,
    sensitivities.reason
from estimates.sensitivities as sensitivities
where sensitivities.run_id = $run_id
