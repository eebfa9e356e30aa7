-- Question: by how much does each threshold rise with 10 points more income
-- deprivation, and in less and more deprived authorities? (Table 2 of the report.)
-- Answer: one row per threshold: the rate ratio with its limits, those in the two
-- contexts, and what was published.
-- Against: a release.
with cells as (
    select *
    from estimates.cells
    where table_no = '2'
)

select
    census_year,
    row_label as threshold,
    max(case when statistic = 'irr' then value end) as gradient,
    max(case when statistic = 'irr' then ci_low end) as ci_low,
    max(case when statistic = 'irr' then ci_high end) as ci_high,
    max(case when statistic = 'irr' then published_value end) as published_gradient,
    max(case when statistic = 'irr_low_imd_la' then value end) as in_less_deprived_las,
    max(case when statistic = 'irr_high_imd_la' then value end) as in_more_deprived_las,
    max(case when statistic = 'interaction' then value end) as interaction
from cells
group by census_year, row_label
order by census_year, gradient
