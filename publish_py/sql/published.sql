-- One row per value that the report prints.
select
    table_no,
    row_label,
    statistic,
    value,
    ci_low,
    ci_high
from modelling.mdl_published_values
