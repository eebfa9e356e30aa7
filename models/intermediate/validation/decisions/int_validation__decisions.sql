with summary as (
    select * from {{ ref('int_validation__summary') }}
),

thresholds as (
    select * from {{ ref('validation_thresholds') }}
),

-- What a threshold is about: one rule by its number, or all rules of a severity.
measured as (
    select
        census_year,
        la_number,
        rule_no,
        '' as severity,
        'rule ' || rule_code as subject,
        issues_per_1k
    from summary

    union all

    select
        census_year,
        la_number,
        '' as rule_no,
        severity,
        'all rules of severity ' || severity as subject,
        sum(issues_per_1k) as issues_per_1k
    from summary
    group by census_year, la_number, severity
),

judged as (
    select
        measured.census_year,
        measured.la_number,
        measured.subject,
        measured.issues_per_1k,
        case
            when measured.issues_per_1k > thresholds.stop_above then 3
            when measured.issues_per_1k > thresholds.leave_out_above then 2
            when measured.issues_per_1k > thresholds.flag_above then 1
            else 0
        end as gravity,
        case
            when measured.issues_per_1k > thresholds.stop_above
                then thresholds.stop_above
            when measured.issues_per_1k > thresholds.leave_out_above
                then thresholds.leave_out_above
            else thresholds.flag_above
        end as exceeded
    from measured
    inner join thresholds
        on
            measured.rule_no = coalesce(thresholds.rule_no, '')
            and measured.severity = coalesce(thresholds.severity, '')
),

-- The gravest threshold that a return exceeds says why, the most frequent fault first.
ranked as (
    select
        *,
        row_number() over (
            partition by census_year, la_number
            order by gravity desc, issues_per_1k desc, subject asc
        ) as place
    from judged
),

totals as (
    select
        census_year,
        la_number,
        cast(sum(case when severity = 'error' then n_issues else 0 end) as bigint)
            as n_errors,
        cast(sum(case when severity = 'query' then n_issues else 0 end) as bigint)
            as n_queries
    from summary
    group by census_year, la_number
),

-- One row per return; one that exceeds no threshold enters.
final as (
    select
        totals.census_year,
        totals.la_number,
        case coalesce(ranked.gravity, 0)
            when 3 then 'stops_release'
            when 2 then 'left_out'
            when 1 then 'flagged'
            else 'enters'
        end as decision,
        coalesce(ranked.gravity, 0) <= 1 as is_counted,
        case
            when ranked.gravity > 0
                then ranked.subject || ': '
                    || cast({{ rounded('ranked.issues_per_1k', 2) }} as string)
                    || ' issues per 1,000 children, above '
                    || cast(ranked.exceeded as string)
        end as reason,
        totals.n_errors,
        totals.n_queries
    from totals
    left join ranked
        on
            totals.census_year = ranked.census_year
            and totals.la_number = ranked.la_number
            and ranked.place = 1
)

select * from final
