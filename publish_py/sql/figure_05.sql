-- One row per authority and measure: its own social gradient, the points of Figure 5.
select
    gradients.measure,
    gradients.la_code,
    las.la_name,
    100.0 * gradients.la_income as la_income_pct,
    gradients.n_events,
    gradients.irr,
    gradients.ci_low,
    gradients.ci_high,
    gradients.shrunken_irr,
    gradients.shrunken_low,
    gradients.shrunken_high,
    gradients.converged,
    gradients.reason
from estimates.la_gradients as gradients
inner join core.dim_la as las
    on
        gradients.census_year = las.census_year
        and gradients.la_code = las.la_code
where gradients.run_id = $run_id
order by gradients.measure, gradients.la_code
