-- One row per cohort asked for and MSOA of grid_msoa.sql that has one: as counts_lsoa.sql.
-- Populations by ethnic group are fractions of children.
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
        msoa_code,
        row_number() over (order by la_code, msoa_code) as place
    from modelling.mdl_msoa_context
    where census_year = $census_year

)

select
    cohorts.position,
    places.place,
    cast(counts.n_events as double) as n_events,
    cast(counts.population as double) as size
from modelling.mdl_msoa_counts as counts
-- many to one: the cohorts that are asked for differ
inner join cohorts
    on
        counts.measure = cohorts.measure
        and counts.stratum_type = cohorts.stratum_type
        and counts.stratum = cohorts.stratum
-- many to one
inner join places on counts.msoa_code = places.msoa_code
where counts.census_year = $census_year
