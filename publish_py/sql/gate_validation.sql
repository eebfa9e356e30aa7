-- One row per return of any year: what the validation thresholds decided; NULL where a
-- return came in that nothing was decided about.
with returned as (

    select distinct
        census_year,
        la_number
    from quality.rpt_ingest_ledger
    where
        table_name = 'children'
        and n_rows_staged > 0

),

final as (

    select
        coalesce(decisions.census_year, returned.census_year) as census_year,
        coalesce(decisions.la_number, returned.la_number) as la_number,
        decisions.decision
    from quality.rpt_validation_decisions as decisions
    full outer join returned
        on
            decisions.census_year = returned.census_year
            and decisions.la_number = returned.la_number
    order by census_year, la_number

)

select * from final
