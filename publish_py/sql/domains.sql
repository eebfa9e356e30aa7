-- One row per measure and domain of deprivation in the place of income, best fit first.
select
    measures.label as measure_label,
    domains.domain,
    domains.rank,
    domains.aic_difference,
    domains.irr,
    domains.ci_low,
    domains.ci_high,
    domains.irr_per_sd,
    domains.interaction,
    domains.converged,
    domains.reason
from estimates.domains as domains
inner join core.dim_measure as measures on domains.measure = measures.measure
where domains.run_id = $run_id
order by measures.threshold_no, domains.rank nulls last, domains.domain
