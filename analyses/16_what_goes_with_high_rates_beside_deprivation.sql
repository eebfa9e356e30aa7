-- Question: which features of authorities go with more referrals once their income
-- deprivation is allowed for? (Table 18 of the report.)
-- Answer: one row per indicator: the rate ratio for one standard deviation more, alone
-- and adjusted, and whether the adjusted limits leave 1 out.
-- Against: a release.
with cells as (
    select *
    from estimates.cells
    where table_no = '18'
)

select
    census_year,
    row_label as indicator,
    max(case when statistic = 'rr_unadjusted' then value end) as alone,
    max(case when statistic = 'rr_adjusted_for_la_imd' then value end) as adjusted,
    max(case when statistic = 'rr_adjusted_for_la_imd' then ci_low end) as ci_low,
    max(case when statistic = 'rr_adjusted_for_la_imd' then ci_high end) as ci_high,
    1 not between
    max(case when statistic = 'rr_adjusted_for_la_imd' then ci_low end)
    and max(case when statistic = 'rr_adjusted_for_la_imd' then ci_high end)
        as is_beyond_chance
from cells
group by census_year, row_label
order by census_year asc, adjusted desc nulls last, indicator asc
