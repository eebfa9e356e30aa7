-- One row per cohort asked for (only all is published) and LA of grid_la_public.sql that has
-- one. A number that DfE withholds takes its population with it: it is not 0.
with cohorts as (

    select
        position,
        $measures[position] as measure,
        $timings[position] as timing
    from range(1, len($strata) + 1) as positions (position)
    where $strata[position] = 'all'

),

places as (

    select
        la_code,
        row_number() over (order by la_code) as place
    from modelling.mdl_public_la
    where census_year = $census_year

)

select
    cohorts.position,
    places.place,
    cast(rates.numerator as double) as n_events,
    case
        when rates.numerator is not null then cast(rates.denominator as double)
    end as size
from rates.fct_published_rates_la as rates
-- many to one: the cohorts that are asked for differ
inner join cohorts
    on
        rates.measure = cohorts.measure
        and rates.timing = cohorts.timing
-- many to one
inner join places on rates.area_code = places.la_code
where
    rates.census_year = $census_year
    and rates.geographic_level = 'la'
