-- One row per rule that a return of the year breaks, for England and for each authority
-- whose return breaks it: counts only.
with summary as (
    select
        rpt_validation_summary.*,
        coalesce(las.la_name, rpt_validation_summary.la_number) as la_name
    from quality.rpt_validation_summary
    left join core.dim_la as las
        on
            rpt_validation_summary.census_year = las.census_year
            and rpt_validation_summary.la_number = las.la_number
    where rpt_validation_summary.census_year = $census_year
)

select
    case when grouping(la_name) = 1 then 'England' else la_name end as area,
    rule_code,
    severity,
    message,
    cast(sum(n_issues) as bigint) as n_issues,
    cast(sum(n_children_affected) as bigint) as n_children,
    1000.0 * sum(n_children_affected) / nullif(sum(n_child_records), 0) as children_per_1k
from summary
group by grouping sets (
    (rule_code, severity, message),
    (rule_code, severity, message, la_name)
)
having sum(n_issues) > 0
order by severity, rule_code, grouping(la_name) desc, area
