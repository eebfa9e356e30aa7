-- What a census of another year has that 2018/19 had not: plans of children in need
-- (from 2022), from the assessment to the closure of the first episode of children
-- without a protection plan; letters for sex (from 2025).
insert into cin_plans
select
    referrals.census_year,
    referrals.la_number,
    referrals.child_no,
    referrals.referral_no,
    '1' as cin_plan_no,
    assessments.authorisation_date as start_date,
    referrals.closure_date as end_date
from referrals
inner join assessments using (la_number, child_no, referral_no)
where
    carried_year() >= 2022
    and referrals.referral_no = '1'
    and assessments.assessment_no = '1'
    and assessments.authorisation_date is not null
    and lower(referrals.referral_nfa) in ('0', 'false')
    and coalesce(referrals.reason_for_closure, '') not in ('RC8', 'RC9')
    and coalesce(referrals.closure_date > assessments.authorisation_date, true)
    and (referrals.la_number, referrals.child_no) not in (
        select (la_number, child_no) from child_protection_plans
    )
    and (referrals.la_number, referrals.child_no) not in (
        select (la_number, child_no) from children where death_date is not null
    );

update children
set sex = case sex when '1' then 'M' when '2' then 'F' else 'U' end
where carried_year() >= 2025;

update returns
set
    reference_date = carried_year() || '-03-31',
    submitted_at = carried_year() || '-07-31T12:00:00',
    n_children = (
        select cast(count(*) as varchar)
        from children
        where children.la_number = returns.la_number
    );
