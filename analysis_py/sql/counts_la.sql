-- One row per stratum asked for and LA of grid_la.sql, in its order: as counts_lsoa.sql.
with strata as (

    select
        position,
        $strata[position] as stratum
    from range(1, len($strata) + 1) as positions (position)

),

counts as (

    select
        la_code,
        stratum,
        numerator,
        denominator
    from rates.fct_rates_la
    where
        census_year = $census_year
        and measure = $measure
        and stratum_type = $stratum_type
        and basis = $basis
        and timing = $timing

)

select
    cast(counts.numerator as double) as n_events,
    cast(counts.denominator as double) as size
from modelling.mdl_la_context as context
cross join strata
-- one to one: both marts hold each LA of the year once
left join counts
    on
        context.la_code = counts.la_code
        and strata.stratum = counts.stratum
where context.census_year = $census_year
order by strata.position, context.la_code
