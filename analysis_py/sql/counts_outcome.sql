-- One row per LSOA of grid_lsoa.sql, in its order: episodes of which an outcome is
-- known, and those that had it. An LSOA without such an episode is no row of the mart;
-- where no LSOA has one, there is nothing to count and every row is NULL.
with counts as (

    select
        lsoa_code,
        successes,
        trials
    from modelling.mdl_episode_outcomes
    where
        census_year = $census_year
        and outcome = $measure

)

select
    case
        when exists (select 1 from counts)
            then cast(coalesce(counts.successes, 0) as double)
    end as n_events,
    cast(coalesce(counts.trials, 0) as double) as size
from modelling.mdl_lsoa_context as context
-- one to at most one
left join counts on context.lsoa_code = counts.lsoa_code
where context.census_year = $census_year
order by context.la_code, context.lsoa_code
