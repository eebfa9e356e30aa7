with landed as (
    select * from {{ source('ingest', 'ledger_files') }}
),

final as (
    select
        landed.file,
        landed.kind,
        landed.table_name,
        {{ try_int('landed.census_year') }} as census_year,
        landed.la_number,
        landed.sha256,
        cast(landed.n_bytes as bigint) as n_bytes,
        cast(landed.rows_read as bigint) as rows_read,
        cast(landed.rows_kept as bigint) as rows_kept,
        cast(landed.rows_quarantined as bigint) as rows_quarantined,
        landed.verdict,
        landed.reason,
        landed.remedy
    from landed
)

select * from final
