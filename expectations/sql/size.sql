-- One row per census year: how many authorities of the study returned a census, and how
-- many there are. The ledger knows who returned; the marts hold every authority.
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
        las.census_year,
        cast(count(returned.la_number) as bigint) as n_las,
        cast(count(*) as bigint) as n_las_expected,
        coalesce(
            string_agg(
                case when returned.la_number is null then las.la_code end,
                ', ' order by las.la_code
            ),
            ''
        ) as missing_las
    from core.dim_la as las
    left join returned
        on
            las.census_year = returned.census_year
            and las.la_number = returned.la_number
    where las.is_study_la
    group by las.census_year
    order by las.census_year

)

select * from final
