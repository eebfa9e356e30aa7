-- One row per authority and census table: rows that came in, and what became of them.
-- A return is no child: the table of returns is left out.
select
    las.la_code,
    ledger.table_name,
    ledger.n_rows_read,
    ledger.n_rows_kept,
    ledger.n_rows_quarantined
from quality.rpt_ingest_ledger as ledger
inner join core.dim_la as las
    on
        ledger.census_year = las.census_year
        and ledger.la_number = las.la_number
where
    ledger.census_year = $census_year
    and ledger.table_name <> 'returns'
order by las.la_code, ledger.table_name
