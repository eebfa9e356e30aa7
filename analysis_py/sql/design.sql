-- One row per LSOA that a model of one measure and stratum is fitted to, ordered by LA.
-- An LSOA without population has no expected events: where it has no event either it
-- carries no information, and where it has one no finite rate explains it (log 0). Such
-- rows stay in the totals (totals.sql counts them) and out of the likelihood.
-- An LSOA without a deprivation score cannot be placed and is left out in the same way.
with counts as (

    select
        lsoa_code,
        n_events,
        population
    from modelling.mdl_lsoa_counts
    where
        census_year = $census_year
        and measure = $measure
        and stratum_type = $stratum_type
        and stratum = $stratum

),

context as (

    select
        lsoa_code,
        la_code,
        x1,
        x2
    from modelling.mdl_lsoa_context
    where census_year = $census_year

),

-- one to one: both marts hold each LSOA of the year once
final as (

    select
        cast(counts.n_events as double) as n_events,
        cast(counts.population as double) as population,
        cast(context.x1 as double) as x1,
        cast(context.x2 as double) as x2,
        context.la_code
    from counts
    inner join context on counts.lsoa_code = context.lsoa_code
    where
        counts.population > 0
        and context.x1 is not null
        and context.x2 is not null
    order by context.la_code, counts.lsoa_code

)

select * from final
