-- A plan before this one, ever (report, Table 9): the number that the authority
-- returned, or an earlier plan of the child that stands in a return of any year.
with cp_plans as (
    select * from {{ ref('stg_census__child_protection_plans') }}
),

children as (
    select * from {{ ref('stg_census__children') }}
),

keyed as (
    select
        cp_plans.*,
        children.child_key
    from cp_plans
    inner join children
        on
            cp_plans.census_year = children.census_year
            and cp_plans.la_number = children.la_number
            and cp_plans.child_no = children.child_no
),

-- A plan still open on 31 March is returned again the year after, and then it may end.
dates as (
    select
        la_number,
        child_key,
        start_date,
        max(end_date) as end_date
    from keyed
    where start_date is not null
    group by la_number, child_key, start_date
),

-- A child has one plan at a time: one that had not ended is the same, dated otherwise.
previous as (
    select
        la_number,
        child_key,
        start_date,
        coalesce(
            min(end_date) over (
                partition by la_number, child_key
                order by start_date
                rows between unbounded preceding and 1 preceding
            ) <= start_date,
            false
        ) as has_earlier_plan
    from dates
),

final as (
    select
        keyed.census_year,
        keyed.la_number,
        keyed.child_no,
        keyed.referral_no,
        keyed.cp_plan_no,
        keyed.n_previous_plans,
        coalesce(previous.has_earlier_plan, false) as has_earlier_plan,
        case
            when previous.has_earlier_plan then true
            else keyed.n_previous_plans >= 1
        end as has_prior_plan
    from keyed
    left join previous
        on
            keyed.la_number = previous.la_number
            and keyed.child_key = previous.child_key
            and keyed.start_date = previous.start_date
)

select * from final
