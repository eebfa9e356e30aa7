-- One row per variable and statistic: what describes the areas studied.
with lsoas as (

    select * from modelling.mdl_lsoa_context
    where census_year = $census_year

),

las as (

    select * from modelling.mdl_la_context
    where census_year = $census_year

),

variables as (

    select
        'LSOA income deprivation, %' as row_label,
        100.0 * income as value
    from lsoas

    union all

    select
        'LA income deprivation, %' as row_label,
        100.0 * la_income as value
    from las

    union all

    select
        'LSOA less its LA, 10 points (x1)' as row_label,
        x1 as value
    from lsoas

    union all

    select
        'LA less the mean of LAs, 10 points (x2)' as row_label,
        x2 as value
    from las

    union all

    select
        'Children aged 5-15 in an LSOA' as row_label,
        population as value
    from lsoas

    union all

    select
        'Children aged 5-15 in an LA' as row_label,
        population as value
    from las

    union all

    select
        'LSOAs in an LA' as row_label,
        n_lsoas as value
    from las

    union all

    select
        'People per square kilometre of an LSOA' as row_label,
        people_per_sq_km as value
    from lsoas

    union all

    select
        'Rural LSOA (share)' as row_label,
        cast(is_rural as integer) as value
    from lsoas

),

described as (

    select
        row_label,
        cast(count(value) as double) as n_areas,
        cast(avg(value) as double) as mean,
        cast(stddev_samp(value) as double) as sd,
        cast(min(value) as double) as minimum,
        cast(max(value) as double) as maximum
    from variables
    group by row_label

)

select
    row_label,
    statistic,
    value,
    cast(null as double) as ci_low,
    cast(null as double) as ci_high,
    '' as reason
from described
unpivot include nulls (value for statistic in (n_areas, mean, sd, minimum, maximum))
