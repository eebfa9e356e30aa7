-- Question: which groups of children are found less often in the location files, so
-- that their rates are too low?
-- Answer: one row per sex, age and ethnic group, lowest match rate first, against all.
-- Against: the marts, in the room.
with match_rates as (
    select * from {{ ref('rpt_match_rates') }}
)

select
    parts.census_year,
    parts.breakdown,
    parts.category,
    parts.n_children,
    100.0 * parts.match_rate as match_pct,
    100.0 * (parts.match_rate - whole.match_rate) as points_from_all
from match_rates as parts
inner join match_rates as whole
    on
        parts.census_year = whole.census_year
        and whole.breakdown = 'all'
where parts.breakdown in ('sex', 'age', 'ethnic_group')
order by parts.census_year, points_from_all, parts.breakdown, parts.category
