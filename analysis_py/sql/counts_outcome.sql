-- One row per outcome asked for and LSOA of grid_lsoa.sql, as counts_lsoa.sql: episodes of
-- which the outcome is known, and those that had it. An LSOA without such an episode is no
-- row of the mart; an outcome that no LSOA has is no row here.
with outcomes as (

    select
        position,
        $measures[position] as outcome
    from range(1, len($measures) + 1) as positions (position)

),

places as (

    select
        lsoa_code,
        row_number() over (order by la_code, lsoa_code) as place
    from modelling.mdl_lsoa_context
    where census_year = $census_year

),

counts as (

    select
        outcomes.position,
        counts.lsoa_code,
        counts.successes,
        counts.trials
    from modelling.mdl_episode_outcomes as counts
    -- many to one
    inner join outcomes on counts.outcome = outcomes.outcome
    where counts.census_year = $census_year

),

known as (

    select distinct position from counts

)

select
    known.position,
    places.place,
    cast(coalesce(counts.successes, 0) as double) as n_events,
    cast(coalesce(counts.trials, 0) as double) as size
from known
cross join places
-- one to at most one
left join counts
    on
        known.position = counts.position
        and places.lsoa_code = counts.lsoa_code
