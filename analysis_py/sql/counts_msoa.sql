-- One row per stratum asked for and MSOA of grid_msoa.sql, in its order: as
-- counts_lsoa.sql. Populations by ethnic group are fractions of children.
with strata as (

    select
        position,
        $strata[position] as stratum
    from range(1, len($strata) + 1) as positions (position)

),

counts as (

    select
        msoa_code,
        stratum,
        n_events,
        population
    from modelling.mdl_msoa_counts
    where
        census_year = $census_year
        and measure = $measure
        and stratum_type = $stratum_type

)

select
    cast(counts.n_events as double) as n_events,
    cast(counts.population as double) as size
from modelling.mdl_msoa_context as context
cross join strata
-- one to one: both marts hold each MSOA of the year once
left join counts
    on
        context.msoa_code = counts.msoa_code
        and strata.stratum = counts.stratum
where context.census_year = $census_year
order by strata.position, context.la_code, context.msoa_code
