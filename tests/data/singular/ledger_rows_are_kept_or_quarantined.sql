-- Every file, reference files too: rows in = rows kept + rows set aside.
select
    file,
    table_name,
    census_year,
    la_number,
    rows_read,
    rows_kept,
    rows_quarantined
from {{ ref('stg_ingest__ledger_files') }}
where
    verdict = 'read'
    and rows_read is distinct from rows_kept + rows_quarantined
