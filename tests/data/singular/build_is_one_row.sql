select count(*) as n_rows
from {{ ref('rpt_build') }}
having count(*) <> 1
