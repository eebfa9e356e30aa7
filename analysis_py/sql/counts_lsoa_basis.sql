-- As counts_lsoa.sql, for persons and for what is open on 31 March.
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
        numerator,
        denominator
    from rates.fct_rates_lsoa
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
from modelling.mdl_lsoa_context as context
cross join strata
-- one to one: both marts hold each LSOA of the year once
left join counts
    on
        context.lsoa_code = counts.lsoa_code
        and strata.stratum = counts.stratum
where context.census_year = $census_year
order by strata.position, context.la_code, context.lsoa_code
