-- Per table, year and authority: rows kept by ingest = rows of staging, and the rows
-- set aside are all listed with their file and place.
select
    table_name,
    census_year,
    la_number,
    n_rows_kept,
    n_rows_staged,
    n_rows_quarantined,
    n_quarantine_rows
from {{ ref('rpt_ingest_ledger') }}
where
    n_rows_kept <> n_rows_staged
    or n_rows_quarantined <> n_quarantine_rows
