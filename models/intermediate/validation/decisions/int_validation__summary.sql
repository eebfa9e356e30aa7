with issues as (
    select * from {{ ref('int_validation__issues') }}
),

register as (
    select * from {{ ref('validation_rules') }}
),

returns as (
    select * from {{ ref('int_validation__returns') }}
),

-- Rows that each rule had before it: none is not the same as none wrong.
checked as (
    {% for table in validated_tables() -%}
    select
        '{{ table }}' as table_name,
        census_year,
        la_number,
        count(*) as n_rows
    from {{ ref('int_validation__' ~ table) }}
    {{ 'where has_header' if table == 'returns' }}
    group by census_year, la_number
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

counted as (
    select
        rule_code,
        census_year,
        la_number,
        count(*) as n_issues,
        count(distinct child_no) as n_children_affected
    from issues
    group by rule_code, census_year, la_number
),

-- Every rule in force, for every return: each join finds at most one row.
final as (
    select
        returns.census_year,
        returns.la_number,
        register.rule_no,
        register.rule_code,
        register.severity,
        register.message,
        coalesce(checked.n_rows, 0) as n_rows_checked,
        returns.n_child_records,
        coalesce(counted.n_issues, 0) as n_issues,
        coalesce(counted.n_children_affected, 0) as n_children_affected,
        1000 * {{ safe_divide(
            'coalesce(counted.n_issues, 0)', 'returns.n_child_records'
        ) }} as issues_per_1k,
        1000 * {{ safe_divide(
            'coalesce(counted.n_children_affected, 0)', 'returns.n_child_records'
        ) }} as children_per_1k
    from returns
    inner join register
        on returns.rule_year between register.first_year and register.last_year
    left join checked
        on
            returns.census_year = checked.census_year
            and returns.la_number = checked.la_number
            and register.table_name = checked.table_name
    left join counted
        on
            returns.census_year = counted.census_year
            and returns.la_number = counted.la_number
            and register.rule_code = counted.rule_code
)

select * from final
