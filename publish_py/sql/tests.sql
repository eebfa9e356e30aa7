-- One row per test behind the report's prose.
select
    tests.test_id,
    tests.question,
    coalesce(measures.label, tests.measure) as measure_label,
    tests.kind,
    tests.subject,
    tests.statistic,
    tests.df,
    tests.p_value,
    tests.p_adjusted,
    tests.ratio,
    tests.ratio_low,
    tests.ratio_high,
    tests.n_obs,
    tests.n_groups,
    tests.converged,
    tests.reason
from estimates.tests as tests
left join core.dim_measure as measures on tests.measure = measures.measure
where tests.run_id = $run_id
