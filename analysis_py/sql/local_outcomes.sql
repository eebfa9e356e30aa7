-- One row per LSOA of the authority with an episode of which the outcome is known: the
-- rows of the authority's own logistic model.
select
    cast(outcomes.successes as double) as successes,
    cast(outcomes.trials as double) as trials,
    cast(context.x1 as double) as x1
from modelling.mdl_episode_outcomes as outcomes
inner join modelling.mdl_lsoa_context as context
    on
        outcomes.census_year = context.census_year
        and outcomes.lsoa_code = context.lsoa_code
where
    outcomes.census_year = $census_year
    and outcomes.outcome = $outcome
    and outcomes.la_code = $la_code
    and context.x1 is not null
order by outcomes.lsoa_code
