select
    census_year,
    la_number,
    rule_no,
    rule_code,
    severity,
    message,
    n_rows_checked,
    n_child_records,
    n_issues,
    n_children_affected,
    issues_per_1k,
    children_per_1k
from {{ ref('int_validation__summary') }}
