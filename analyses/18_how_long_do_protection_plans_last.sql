-- Question: how long had the protection plans lasted that ended in the year, and does
-- it differ by category of abuse?
-- Answer: one row per category: plans, median days, and the shares that ended within
-- six months and after two years.
-- Against: the marts, in the room; small counts are not for release.
with ended as (
    select *
    from {{ ref('fct_cp_plans') }}
    where is_ceased_in_year
)

select
    census_year,
    coalesce(initial_category, 'not recorded') as initial_category,
    count(*) as n_plans,
    median(n_days) as median_days,
    100.0 * avg(case when n_days <= 183 then 1 else 0 end) as within_6_months_pct,
    100.0 * avg(case when n_days > 730 then 1 else 0 end) as after_2_years_pct
from ended
group by census_year, coalesce(initial_category, 'not recorded')
order by census_year asc, n_plans desc, initial_category asc
