-- As counts_lsoa.sql, for persons and for what is open on 31 March.
with cohorts as (

    select
        position,
        $measures[position] as measure,
        $stratum_types[position] as stratum_type,
        $strata[position] as stratum,
        $bases[position] as basis,
        $timings[position] as timing
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
    cast(rates.numerator as double) as n_events,
    cast(rates.denominator as double) as size
from rates.fct_rates_lsoa as rates
-- many to one: the cohorts that are asked for differ
inner join cohorts
    on
        rates.measure = cohorts.measure
        and rates.stratum_type = cohorts.stratum_type
        and rates.stratum = cohorts.stratum
        and rates.basis = cohorts.basis
        and rates.timing = cohorts.timing
-- many to one
inner join places on rates.lsoa_code = places.lsoa_code
where rates.census_year = $census_year
