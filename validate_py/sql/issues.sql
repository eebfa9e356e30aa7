-- The list, worst first: what stands before what is resolved, errors before queries, the
-- whole return before children, the children with most issues first. The table keeps this
-- order (preserve_insertion_order), so that its rowid is the place in the list.
create table validated.issues as
with compared as (
    select * from validated.compared
),

kinds as (
    select * from validated.kinds
),

children as (
    select * from validated.children
),

-- Every issue is of one kind, and of one child or of the whole return.
final as (
    select
        kinds.kind_no,
        children.child_row,
        compared.la_child_id,
        children.worker,
        children.team,
        children.n_issues as n_issues_of_child,
        compared.row_key,
        compared.value,
        compared.compared_with,
        compared.source_row as line,
        compared.status
    from compared
    inner join kinds
        on
            compared.rule_code = kinds.rule_code
            and compared.table_name = kinds.table_name
            and compared.column_name = kinds.column_name
            and compared.census_year = kinds.census_year
            and compared.la_number = kinds.la_number
            and compared.source_file = kinds.file
    left join children
        on
            compared.census_year = children.census_year
            and compared.la_number = children.la_number
            and compared.source_file = children.source_file
            and compared.child_no = children.child_no
    order by
        compared.status is not distinct from 'resolved',
        kinds.severity <> 'error',
        children.child_row nulls first,
        kinds.kind_no,
        compared.referral_no,
        compared.record_no,
        compared.part_no,
        compared.value,
        compared.compared_with
)

select * from final
