with referrals as (
    select * from {{ ref('stg_census__referrals') }}
),

section47 as (
    select * from {{ ref('stg_census__section47') }}
),

children as (
    select * from {{ ref('stg_census__children') }}
),

-- A conference is recorded with the section 47 enquiry that led to it, or with the
-- referral when the child came from another authority under a plan.
recorded as (
    select
        census_year,
        la_number,
        child_no,
        referral_no,
        section47_no,
        initial_cpc_date as conference_date
    from section47
    where initial_cpc_date is not null

    union all

    select
        census_year,
        la_number,
        child_no,
        referral_no,
        0 as section47_no,
        initial_cpc_date as conference_date
    from referrals
    where initial_cpc_date is not null
),

-- Several enquiries may name one conference: it counts once per child and date.
numbered as (
    select
        recorded.*,
        row_number() over (
            partition by
                recorded.census_year,
                recorded.la_number,
                children.child_key,
                recorded.conference_date
            order by
                recorded.child_no,
                recorded.referral_no nulls last,
                recorded.section47_no nulls last
        ) as record_no
    from recorded
    inner join children
        on
            recorded.census_year = children.census_year
            and recorded.la_number = children.la_number
            and recorded.child_no = children.child_no
),

final as (
    select
        census_year,
        la_number,
        child_no,
        referral_no,
        section47_no,
        conference_date
    from numbered
    where record_no = 1
)

select * from final
