-- One row per census table of the year: authorities, rows read, kept and quarantined.
select
    table_name,
    count(distinct la_number) as n_las,
    cast(sum(n_rows_read) as bigint) as n_rows_read,
    cast(sum(n_rows_kept) as bigint) as n_rows_kept,
    cast(sum(n_rows_quarantined) as bigint) as n_rows_quarantined
from quality.rpt_ingest_ledger
where census_year = $census_year
group by table_name
order by table_name
