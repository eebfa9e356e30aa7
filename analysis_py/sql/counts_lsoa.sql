-- One row per cohort asked for (its `position` in the lists) and LSOA that has one (its
-- `place` in grid_lsoa.sql): events of one measure and stratum, and the children who may
-- have them. One query for all: each reads the whole of the mart.
with cohorts as (

    select
        position,
        $measures[position] as measure,
        $stratum_types[position] as stratum_type,
        $strata[position] as stratum
    from range(1, len($strata) + 1) as positions (position)

),

places as (

    select
        lsoa_code,
        row_number() over (order by la_code, lsoa_code) as place
    from modelling.mdl_lsoa_context
    where census_year = $census_year

)

select
    cohorts.position,
    places.place,
    cast(counts.n_events as double) as n_events,
    cast(counts.population as double) as size
from modelling.mdl_lsoa_counts as counts
-- many to one: the cohorts that are asked for differ
inner join cohorts
    on
        counts.measure = cohorts.measure
        and counts.stratum_type = cohorts.stratum_type
        and counts.stratum = cohorts.stratum
-- many to one
inner join places on counts.lsoa_code = places.lsoa_code
where counts.census_year = $census_year
