-- Question: in which authorities is the gradient of referrals steeper or flatter than
-- the average over authorities?
-- Answer: one row per authority with enough events: its own rate ratio, the one that is
-- drawn towards the others, and whether the average lies outside its limits.
-- Against: a release.
with own as (
    select *
    from estimates.la_gradients
    where
        measure = 'referral'
        and irr is not null
),

names as (
    select distinct
        census_year,
        area_code,
        area_name
    from published.rates_la
)

select
    own.census_year,
    names.area_name as la_name,
    own.irr,
    own.ci_low,
    own.ci_high,
    own.shrunken_irr,
    lines.mean_irr,
    lines.mean_irr not between own.ci_low and own.ci_high as is_unlike_average
from own
inner join names
    on
        own.census_year = names.census_year
        and own.la_code = names.area_code
inner join estimates.la_gradient_lines as lines
    on
        own.census_year = lines.census_year
        and own.measure = lines.measure
order by own.census_year asc, own.irr desc, la_name asc
