-- What a recipe may ask about the row it breaks, as it was before anything was broken:
-- its episode and its child. A child is broken once only, so these facts stay true.
create macro later(day, n) as cast(cast(day as date) + n as varchar);

create macro saturday(day) as
    later(day, (13 - cast(dayofweek(cast(day as date)) as integer)) % 7);

create macro is_yes(flag) as coalesce(lower(flag) in ('1', 'true'), false);

-- Children with one episode, as many as leave a choice for every rule.
create table pool as
select
    la_number,
    child_no
from referrals
group by la_number, child_no
having count(*) = 1
order by lot('pool', la_number, child_no)
limit 20000;

create table episode_facts as
with parts as (
    select 'assessment' as part, la_number, child_no, referral_no from assessments
    union all
    select 'section47' as part, la_number, child_no, referral_no from section47
    union all
    select 'cp_plan' as part, la_number, child_no, referral_no from child_protection_plans
    union all
    select 'cin_plan' as part, la_number, child_no, referral_no from cin_plans
),

counted as (
    select
        la_number,
        child_no,
        referral_no,
        count(*) filter (where part = 'assessment') as n_assessments,
        count(*) filter (where part = 'section47') as n_section47,
        count(*) filter (where part = 'cp_plan') as n_cp_plans,
        count(*) filter (where part = 'cin_plan') as n_cin_plans
    from parts
    group by la_number, child_no, referral_no
)

select
    referrals.*,
    is_yes(referrals.referral_nfa) as is_nfa,
    coalesce(counted.n_assessments, 0) as n_assessments,
    coalesce(counted.n_section47, 0) as n_section47,
    coalesce(counted.n_cp_plans, 0) as n_cp_plans,
    coalesce(counted.n_cin_plans, 0) as n_cin_plans
from referrals
inner join pool using (la_number, child_no)
left join counted using (la_number, child_no, referral_no);

create table child_facts as
select
    children.*,
    not episode_facts.is_nfa as is_active
from children
inner join episode_facts using (la_number, child_no);

create table assessment_facts as
select
    assessments.*,
    count(assessment_factors.factor) as n_factors,
    count(*) filter (where assessment_factors.factor in ('5A', '6A')) as n_disability_factors
from assessments
inner join pool using (la_number, child_no)
left join assessment_factors using (la_number, child_no, referral_no, assessment_no)
group by all;

create table used_children (la_number varchar, child_no varchar);

create table used_returns (la_number varchar);

-- Of each authority the identifiers of a child that is not broken.
create view neighbours as
select
    la_number,
    min(upn) filter (where length(upn) = 13) as upn,
    min(la_child_id) as la_child_id
from children
where (la_number, child_no) not in (from used_children)
group by la_number;

create table faults (
    rule_no varchar,
    census_year varchar,
    la_number varchar,
    child_no varchar,
    referral_no varchar,
    record_no varchar,
    part_no varchar,
    table_name varchar
);
