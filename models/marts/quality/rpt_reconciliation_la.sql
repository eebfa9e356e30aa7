with steps as (
    select * from {{ ref('int_cohort__steps') }}
    where timing = 'incidence'
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

datasets as (
    select * from {{ ref('stg_ingest__ledger_dataset') }}
),

published as (
    select * from {{ ref('fct_published_rates_la') }}
    where geographic_level = 'la' and timing = 'incidence'
),

thresholds as (
    select * from {{ ref('reconciliation_thresholds') }}
),

returned as (
    select distinct
        census_year,
        la_number
    from {{ ref('stg_census__children') }}
),

-- DfE counts a child of any age in the authority that returns it.
totals as (
    select
        census_year,
        la_number,
        measure,
        count(*) as n_events
    from steps
    group by census_year, la_number, measure
),

-- A row an authority in force, year and measure: every join finds at most one row.
cells as (
    select
        years.census_year,
        las.la_number,
        las.la_name,
        thresholds.measure,
        datasets.dataset,
        thresholds.max_share,
        thresholds.max_difference,
        published.numerator as dfe_n_events,
        published.marker as dfe_marker,
        published.area_code is not null as is_published,
        returned.la_number is not null as is_returned,
        case when returned.la_number is not null then coalesce(totals.n_events, 0) end
            as n_events
    from years
    cross join datasets
    cross join thresholds
    inner join {{ ref('la_authorities') }} as las
        on years.census_year between las.first_census_year and las.last_census_year
    left join returned
        on
            years.census_year = returned.census_year
            and las.la_number = returned.la_number
    left join totals
        on
            years.census_year = totals.census_year
            and las.la_number = totals.la_number
            and thresholds.measure = totals.measure
    left join published
        on
            years.census_year = published.census_year
            and las.la_number = published.la_number
            and thresholds.measure = published.measure
),

-- Drawn children are not DfE's: a synthetic census is never held against real numbers.
compared as (
    select
        *,
        dataset = 'real' and is_returned and dfe_n_events is not null as is_comparable,
        case
            when dataset = 'real' then n_events - dfe_n_events
        end as difference
    from cells
),

final as (
    select
        census_year,
        la_number,
        la_name,
        measure,
        dataset,
        n_events,
        dfe_n_events,
        dfe_marker,
        difference,
        {{ safe_divide('difference', 'dfe_n_events') }} as difference_share,
        max_share,
        max_difference,
        is_comparable,
        case
            when dataset <> 'real' then 'synthetic_not_compared'
            when not is_returned then 'not_returned'
            when not is_published then 'dfe_not_published'
            when dfe_n_events is null then 'dfe_withheld'
            when
                abs(difference) > max_difference
                and abs(difference) > max_share * dfe_n_events then 'outside_threshold'
            when difference = 0 then 'equal'
            else 'within_threshold'
        end as reason
    from compared
)

select * from final
