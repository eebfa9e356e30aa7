-- Question: of 100 referrals, how many section 47 enquiries and protection plans follow
-- in each authority, and where are both high?
-- Answer: one row per authority. Events of one year, not the same children followed. A
-- count that is withheld makes its ratio NULL, never 0.
-- Against: a release.
with counts as (
    select
        census_year,
        area_code,
        area_name,
        max(case when measure = 'referral' then count end) as n_referrals,
        max(case when measure = 's47' then count end) as n_enquiries,
        max(case when measure = 'cp_plan' then count end) as n_plans,
        max(case when measure = 'referral' then rate_per_10k end) as referral_rate
    from published.rates_la
    where
        stratum_type = 'all'
        and basis = 'episode'
        and timing = 'incidence'
    group by census_year, area_code, area_name
)

select
    census_year,
    area_code,
    area_name,
    referral_rate,
    100.0 * n_enquiries / nullif(n_referrals, 0) as enquiries_per_100_referrals,
    100.0 * n_plans / nullif(n_referrals, 0) as plans_per_100_referrals
from counts
order by census_year asc, plans_per_100_referrals desc nulls last, area_name asc
