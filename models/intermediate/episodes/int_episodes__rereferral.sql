with referrals as (
    select * from {{ ref('stg_census__referrals') }}
),

children as (
    select * from {{ ref('int_episodes__children_located') }}
),

keyed as (
    select
        referrals.census_year,
        referrals.la_number,
        referrals.child_no,
        referrals.referral_no,
        children.child_key,
        referrals.referral_date
    from referrals
    inner join children
        on
            referrals.census_year = children.census_year
            and referrals.la_number = children.la_number
            and referrals.child_no = children.child_no
),

-- A referral still open on 31 March is returned again the year after, with its date.
dates as (
    select distinct
        la_number,
        child_key,
        referral_date
    from keyed
    where referral_date is not null
),

previous as (
    select
        la_number,
        child_key,
        referral_date,
        lag(referral_date) over (
            partition by la_number, child_key
            order by referral_date
        ) as previous_referral_date
    from dates
),

returned as (
    select distinct
        census_year,
        la_number
    from children
),

final as (
    select
        keyed.census_year,
        keyed.la_number,
        keyed.child_no,
        keyed.referral_no,
        keyed.child_key,
        keyed.referral_date,
        previous.previous_referral_date,
        -- DfE: within 12 months of the child's previous referral. The anniversary
        -- itself is within; a second referral of the same day has no earlier one.
        coalesce(
            keyed.referral_date
            <= {{ add_months('previous.previous_referral_date', 12) }},
            false
        ) as is_rereferral,
        returned.census_year is not null as has_previous_return
    from keyed
    left join previous
        on
            keyed.la_number = previous.la_number
            and keyed.child_key = previous.child_key
            and keyed.referral_date = previous.referral_date
    left join returned
        on
            keyed.la_number = returned.la_number
            and keyed.census_year = returned.census_year + 1
)

select * from final
