with steps as (
    select * from {{ ref('int_cohort__steps') }}
    where timing = 'incidence'
),

dfe as (
    select * from {{ ref('dfe_cin_england') }}
),

datasets as (
    select * from {{ ref('stg_ingest__ledger_dataset') }}
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

returns as (
    select
        census_year,
        count(distinct la_number) as n_las_returned
    from {{ ref('stg_census__children') }}
    group by census_year
),

authorities as (
    select
        years.census_year,
        count(*) as n_las_in_force
    from years
    inner join {{ ref('la_authorities') }} as la
        on years.census_year between la.first_census_year and la.last_census_year
    group by years.census_year
),

-- DfE counts a child of any age in the authority that returns it.
totals as (
    select
        census_year,
        measure,
        count(*) as n_events
    from steps
    group by census_year, measure
),

-- One row per year and measure: every join finds at most one row.
final as (
    select
        years.census_year,
        measures.measure,
        datasets.dataset,
        dfe.table_name as dfe_table,
        dfe.row_label as dfe_row,
        coalesce(totals.n_events, 0) as n_events,
        cast(dfe.value as bigint) as dfe_n_events,
        coalesce(totals.n_events, 0) - cast(dfe.value as bigint) as difference,
        {{ safe_divide('coalesce(totals.n_events, 0)', 'dfe.value') }} as ratio,
        coalesce(returns.n_las_returned, 0) as n_las_returned,
        coalesce(authorities.n_las_in_force, 0) as n_las_in_force,
        datasets.dataset = 'real'
        and dfe.value is not null
        and coalesce(returns.n_las_returned = authorities.n_las_in_force, false)
            as is_comparable
    from years
    cross join {{ ref('dim_measure') }} as measures
    cross join datasets
    left join totals
        on
            years.census_year = totals.census_year
            and measures.measure = totals.measure
    left join dfe
        on
            years.census_year = dfe.census_year
            and measures.measure = dfe.measure
    left join returns on years.census_year = returns.census_year
    left join authorities on years.census_year = authorities.census_year
)

select * from final
