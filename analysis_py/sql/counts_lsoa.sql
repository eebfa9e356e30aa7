-- One row per stratum asked for and LSOA of grid_lsoa.sql, in its order: events of one
-- measure and stratum, and the children who may have them. NULL where the mart has no
-- such row.
with strata as (

    select
        position,
        $strata[position] as stratum
    from range(1, len($strata) + 1) as positions (position)

),

counts as (

    select
        lsoa_code,
        stratum,
        n_events,
        population
    from modelling.mdl_lsoa_counts
    where
        census_year = $census_year
        and measure = $measure
        and stratum_type = $stratum_type

)

select
    cast(counts.n_events as double) as n_events,
    cast(counts.population as double) as size
from modelling.mdl_lsoa_context as context
cross join strata
-- one to one: both marts hold each LSOA of the year once
left join counts
    on
        context.lsoa_code = counts.lsoa_code
        and strata.stratum = counts.stratum
where context.census_year = $census_year
order by strata.position, context.la_code, context.lsoa_code
