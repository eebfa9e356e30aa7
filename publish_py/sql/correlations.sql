-- One row per pair of variables whose correlation was taken.
select
    correlations.subject,
    correlations.grain,
    correlations.variable_a,
    correlations.variable_b,
    correlations.n_areas,
    correlations.correlation,
    correlations.ci_low,
    correlations.ci_high,
    correlations.p_value,
    correlations.reason
from estimates.correlations as correlations
where correlations.run_id = $run_id
order by correlations.subject, correlations.variable_a, correlations.variable_b
