with issues as (
    select * from {{ ref('int_validation__issues') }}
),

children as (
    select * from {{ ref('int_validation__children') }}
),

-- Many issues to one child record, or to none.
final as (
    select
        issues.rule_code,
        issues.severity,
        issues.census_year,
        issues.la_number,
        children.la_child_id,
        issues.table_name,
        issues.row_key,
        issues.child_no,
        issues.referral_no,
        issues.record_no,
        issues.part_no,
        issues.column_name,
        issues.value,
        issues.compared_with,
        issues.message,
        issues.source_file,
        issues.source_row
    from issues
    left join children
        on {{ same_child('issues', 'children') }}
)

select * from final
