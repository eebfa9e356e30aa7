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

-- What is public is real: a synthetic census has its own indicators, drawn with its
-- rates, and these would mean nothing beside them (mdl_public_la has them always).
published as (
    select
        figures.census_year,
        figures.la_code,
        figures.indicator,
        figures.value
    from {{ ref('int_published__la_indicators') }} as figures
    inner join {{ ref('stg_ingest__ledger_dataset') }} as datasets
        on datasets.dataset = 'real'
),

-- Every authority has a row of every indicator; each finds at most one value
-- that a user supplied, which comes first, and one that is public.
cells as (
    select
        las.census_year,
        las.la_code,
        las.is_study_la,
        indicators.indicator,
        coalesce(supplied.value, published.value) as value,
        indicators.unit,
        indicators.definition,
        case
            when supplied.value is not null then indicators.source
            when published.value is not null then indicators.public_source
            else indicators.source
        end as source,
        case
            when supplied.value is not null then 'as supplied'
            when published.value is not null then indicators.public_period
        end as period,
        case
            when las.is_study_la then coalesce(supplied.value, published.value)
        end as study_value
    from las
    cross join indicators
    left join supplied
        on
            las.census_year = supplied.census_year
            and las.la_code = supplied.la_code
            and indicators.indicator = supplied.indicator
    left join published
        on
            las.census_year = published.census_year
            and las.la_code = published.la_code
            and indicators.indicator = published.indicator
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
        period,
        definition,
        value is not null as is_available
    from measured
)

select * from final
