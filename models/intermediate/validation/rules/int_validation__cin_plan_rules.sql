with cin_plans as (
    select
        *,
        count(case when end_date_text is null then 1 end) over (
            partition by census_year, la_number, child_no, referral_no
        ) as n_open
    from {{ ref('int_validation__cin_plans') }}
),

open_cp_plans as (
    select
        census_year,
        la_number,
        child_no,
        referral_no,
        min(cp_plan_no) as cp_plan_no
    from {{ ref('int_validation__child_protection_plans') }}
    where end_date_text is null
    group by census_year, la_number, child_no, referral_no
),

final as (
    {{ found('4001', 'cin_plans', 'end_date', ['open_cp_plans.cp_plan_no'],
             'cin_plans') }}
    from cin_plans
    inner join open_cp_plans on {{ same_episode('cin_plans', 'open_cp_plans') }}
    where cin_plans.end_date_text is null

    union all

    {{ found('4004', 'cin_plans', 'end_date', ['n_open']) }}
    from cin_plans
    where end_date_text is null and n_open > 1

    union all

    {{ found('4008', 'cin_plans', 'start_date', ['death_date']) }}
    from cin_plans
    where start_date > death_date

    union all

    {{ found('4009', 'cin_plans', 'end_date', ['death_date']) }}
    from cin_plans
    where end_date > death_date

    union all

    {{ found('4010', 'cin_plans', 'start_date') }}
    from cin_plans
    where coalesce(start_date > year_end, true)

    union all

    {{ found('4011', 'cin_plans', 'end_date', ['start_date']) }}
    from cin_plans
    where end_date < start_date

    union all

    {{ found('4012', 'cin_plans', 'end_date', ['start_date']) }}
    from cin_plans
    where end_date = start_date

    union all

    {{ found('4013', 'cin_plans', 'end_date') }}
    from cin_plans
    where
        coalesce(
            end_date not between year_start and year_end, end_date_text is not null
        )

    union all

    {{ found('4015', 'cin_plans', 'start_date', ['referral_date']) }}
    from cin_plans
    where start_date < referral_date
)

select * from final
