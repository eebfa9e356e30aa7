-- One row per stratum asked for and LSOA of grid_lsoa.sql, in its order: events of one
-- measure and stratum, and the children who may have them. NULL where the mart has no
-- such row.
with strata as (

    select
        position,
        $strata[position] as stratum
    from range(1, len($strata) + 1) as positions (position)

),

-- numbers sort many times faster than the codes they stand for
places as (

    select
        lsoa_code,
        row_number() over (order by la_code, lsoa_code) as place
    from modelling.mdl_lsoa_context
    where census_year = $census_year

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
from places
cross join strata
-- one to one: both marts hold each LSOA of the year once
left join counts
    on
        places.lsoa_code = counts.lsoa_code
        and strata.stratum = counts.stratum
order by strata.position, places.place
