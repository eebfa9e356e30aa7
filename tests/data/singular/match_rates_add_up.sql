-- Every breakdown holds the same children, and none matches more than there are.
with breakdowns as (
    select
        census_year,
        breakdown,
        sum(n_children) as n_children,
        sum(n_matched) as n_matched,
        max(case when n_matched > n_children then 1 else 0 end) as has_too_many
    from {{ ref('rpt_match_rates') }}
    group by census_year, breakdown
)

select
    parts.census_year,
    parts.breakdown,
    parts.n_children,
    whole.n_children as n_children_in_all
from breakdowns as parts
inner join breakdowns as whole
    on
        parts.census_year = whole.census_year
        and whole.breakdown = 'all'
where
    parts.n_children <> whole.n_children
    or parts.n_matched <> whole.n_matched
    or parts.has_too_many = 1
