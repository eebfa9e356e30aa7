with las as (
    select * from {{ ref('dim_la') }}
),

indicators as (
    select * from {{ ref('la_indicators') }}
),

-- Values by year, authority and indicator, from wherever they come.
supplied as (
    select
        census_year,
        la_code,
        indicator,
        value
    from {{ ref('stg_reference__la_indicator') }}
),

-- Every authority has a row of every indicator; each finds at most one value.
cells as (
    select
        las.census_year,
        las.la_code,
        las.is_study_la,
        indicators.indicator,
        supplied.value,
        indicators.unit,
        indicators.source,
        indicators.definition,
        case when las.is_study_la then supplied.value end as study_value
    from las
    cross join indicators
    left join supplied
        on
            las.census_year = supplied.census_year
            and las.la_code = supplied.la_code
            and indicators.indicator = supplied.indicator
),

-- Each authority weighs the same, over those studied that have a value (report, Tables
-- 18 and 19).
measured as (
    select
        *,
        avg(study_value) over (partition by census_year, indicator) as mean_value,
        stddev_samp(study_value) over (partition by census_year, indicator) as sd_value
    from cells
),

final as (
    select
        census_year,
        la_code,
        indicator,
        value,
        {{ safe_divide('study_value - mean_value', 'sd_value') }} as z,
        unit,
        source,
        definition,
        value is not null as is_available
    from measured
)

select * from final
