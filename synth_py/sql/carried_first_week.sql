-- Children of 2018/19 with an event in the first week of the year. Carried to another year by
-- whole weeks, so that weekdays stay what they are, it would lie before that year's first day.
create table first_week as
with dated as (
    select la_number, child_no, referral_date as day from referrals
    union all
    select la_number, child_no, closure_date as day from referrals
    union all
    select la_number, child_no, start_date as day from assessments
    union all
    select la_number, child_no, authorisation_date as day from assessments
    union all
    select la_number, child_no, start_date as day from section47
    union all
    select la_number, child_no, initial_cpc_date as day from section47
    union all
    select la_number, child_no, start_date as day from child_protection_plans
    union all
    select la_number, child_no, end_date as day from child_protection_plans
    union all
    select la_number, child_no, death_date as day from children
)

select distinct
    la_number,
    child_no
from dated
where day between '2018-04-01' and '2018-04-07';
