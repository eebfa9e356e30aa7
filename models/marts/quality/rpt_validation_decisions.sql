select
    census_year,
    la_number,
    decision,
    is_counted,
    reason,
    n_errors,
    n_queries
from {{ ref('int_validation__decisions') }}
