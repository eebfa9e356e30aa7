-- The issues of a return beside those of an earlier one. An issue stands when the same
-- rule was broken by the same child in the same column before: first those with the
-- same value are matched, then the others by number, so that a value that was changed
-- and is still wrong stands too. What is left of the new ones is new, of the old ones
-- resolved. Rows have no name of their own in a return: they are not compared.
create table validated.compared as
with both_returns as (
    select
        false as is_earlier,
        *
    from warehouse.restricted.rpt_validation_issues
    union all by name
    select
        true as is_earlier,
        *
    from earlier_issues
),

-- A rule keeps its number when it turns from error into query.
numbered as (
    select
        *,
        replace(rule_code, 'Q', '') as rule_no,
        row_number() over (
            partition by
                is_earlier, la_number, la_child_id, replace(rule_code, 'Q', ''),
                table_name, column_name, value
            order by child_no, referral_no, record_no, part_no, compared_with
        ) as same_value_no
    from both_returns
),

counted as (
    select
        *,
        same_value_no <= least(
            count(*) filter (where is_earlier) over with_value,
            count(*) filter (where not is_earlier) over with_value
        ) as has_same_value,
        count(*) filter (where is_earlier) over of_child as n_earlier,
        count(*) filter (where not is_earlier) over of_child as n_now
    from numbered
    window
        of_child as (
            partition by la_number, la_child_id, rule_no, table_name, column_name
        ),
        with_value as (
            partition by la_number, la_child_id, rule_no, table_name, column_name, value
        )
),

ranked as (
    select
        *,
        row_number() over (
            partition by
                is_earlier, la_number, la_child_id, rule_no, table_name, column_name
            order by
                has_same_value desc, child_no, referral_no, record_no, part_no,
                value, compared_with
        ) as issue_no
    from counted
),

final as (
    select
        * exclude (
            is_earlier, rule_no, same_value_no, has_same_value, n_earlier, n_now, issue_no
        ),
        case
            when is_earlier then 'resolved'
            when issue_no <= n_earlier then 'standing'
            else 'new'
        end as status
    from ranked
    where not is_earlier or issue_no > n_now
)

select * from final
