-- Question: which of DfE's validation rules are broken most, and in how many returns?
-- Answer: one row per rule that anything broke, errors first, with the authority whose
-- return broke it most often for its size.
-- Against: the marts, in the room.
with summary as (
    select * from {{ ref('rpt_validation_summary') }}
    where n_issues > 0
),

ranked as (
    select
        *,
        row_number() over (
            partition by census_year, rule_no
            order by issues_per_1k desc nulls last, la_number asc
        ) as rank_of_return
    from summary
)

select
    census_year,
    severity,
    rule_code,
    max(message) as message,
    count(*) as n_returns,
    cast(sum(n_issues) as bigint) as n_issues,
    max(case when rank_of_return = 1 then la_number end) as la_number_most,
    max(issues_per_1k) as most_per_1k
from ranked
group by census_year, severity, rule_no, rule_code
order by census_year asc, severity asc, n_issues desc, rule_code asc
