-- One row per census table: the share of its rows that were kept out.
select
    table_name as label,
    100.0 * sum(n_rows_quarantined) / nullif(sum(n_rows_read), 0) as quarantined_pct
from quality.rpt_ingest_ledger
where
    census_year = $census_year
    and n_rows_read > 0
group by table_name
order by table_name
