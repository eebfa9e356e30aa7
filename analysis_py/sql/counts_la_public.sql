-- One row per stratum asked for (only all is published) and LA of grid_la_public.sql, in its
-- order. A number that DfE withholds takes its population with it: it is not 0.
with strata as (

    select
        position,
        $strata[position] as stratum
    from range(1, len($strata) + 1) as positions (position)

)

select
    cast(rates.numerator as double) as n_events,
    case
        when rates.numerator is not null then cast(rates.denominator as double)
    end as size
from modelling.mdl_public_la as las
cross join strata
-- one to one: both marts hold each LA of the year once
left join rates.fct_published_rates_la as rates
    on
        las.census_year = rates.census_year
        and las.la_code = rates.area_code
        and rates.geographic_level = 'la'
        and rates.measure = $measure
        and rates.timing = $timing
        and strata.stratum = 'all'
where las.census_year = $census_year
order by strata.position, las.la_code
