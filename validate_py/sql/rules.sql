-- One row per rule that was broken, worst first: counts only.
create table validated.rules as
with issues as (
    select
        kinds.severity,
        kinds.rule_code,
        kinds.message,
        issues.child_row,
        issues.status,
        issues.status is distinct from 'resolved' as is_open
    from validated.issues
    inner join validated.kinds
        on issues.kind_no = kinds.kind_no
),

final as (
    select
        severity,
        rule_code,
        count(*) filter (where is_open) as n_issues,
        count(distinct child_row) filter (where is_open) as n_children,
        count(*) filter (where status = 'new') as n_new,
        count(*) filter (where status = 'standing') as n_standing,
        count(*) filter (where status = 'resolved') as n_resolved,
        message
    from issues
    group by severity, rule_code, message
    order by severity <> 'error', n_issues desc, rule_code
)

select * from final
