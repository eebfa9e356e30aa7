-- One row per LSOA of one measure, ordered by LA: the rows of the LA's own Poisson
-- model (Figure 5). The same rows as design.sql, with the LA's income beside them.
select
    cast(counts.n_events as double) as n_events,
    cast(counts.population as double) as population,
    cast(context.x1 as double) as x1,
    cast(context.la_income as double) as la_income,
    context.la_code
from modelling.mdl_lsoa_counts as counts
inner join modelling.mdl_lsoa_context as context
    on
        counts.lsoa_code = context.lsoa_code
        and counts.census_year = context.census_year
where
    counts.census_year = $census_year
    and counts.measure = $measure
    and counts.stratum_type = 'all'
    and counts.stratum = 'all'
    and counts.population > 0
    and context.x1 is not null
order by context.la_code, counts.lsoa_code
