with landed as (
    select * from {{ source('ingest', 'ledger_quarantine') }}
),

final as (
    select
        landed.file,
        cast(landed.source_row as bigint) as source_row,
        landed.table_name,
        {{ try_int('landed.census_year') }} as census_year,
        landed.la_number,
        landed.reason
    from landed
)

select * from final
