-- One row per LA of the year: its income deprivation and what else is said of it.
select
    la_code,
    cast(la_income as double) as la_income,
    cast(match_rate as double) as match_rate,
    cast(referral_rate_per_10k as double) as referral_rate,
    cast(cin_rate_per_10k as double) as cin_rate,
    cast(cp_plan_rate_per_10k as double) as cp_plan_rate,
    columns('_z$')
from modelling.mdl_la_context
where census_year = $census_year
order by la_code
