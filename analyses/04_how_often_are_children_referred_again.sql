-- Question: of the referrals of the year, how many came within 12 months of the child's
-- previous one, by source of referral?
-- Answer: one row per source. Where the authority's return of the year before is
-- missing, earlier referrals are known only while they were still open: those rows
-- understate it.
-- Against: the marts, in the room.
with referrals as (
    select *
    from {{ ref('fct_referrals') }}
    where is_in_year
),

returned as (
    select distinct
        census_year,
        la_number
    from {{ ref('fct_referrals') }}
)

select
    referrals.census_year,
    coalesce(referrals.referral_source, 'not recorded') as referral_source,
    returned.la_number is not null as has_return_of_year_before,
    count(*) as n_referrals,
    sum(case when referrals.is_rereferral then 1 else 0 end) as n_rereferrals,
    100.0 * avg(case when referrals.is_rereferral then 1 else 0 end) as rereferral_pct
from referrals
left join returned
    on
        referrals.la_number = returned.la_number
        and referrals.census_year = returned.census_year + 1
group by 1, 2, 3
order by 1, 3, 4 desc, 2
