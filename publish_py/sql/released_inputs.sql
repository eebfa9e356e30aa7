-- One row per file that ingest met: what it was, its hash, and its verdict.
select distinct
    file,
    kind,
    verdict,
    sha256
from staging.stg_ingest__ledger_files
order by file, kind, verdict, sha256
