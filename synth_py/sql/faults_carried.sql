-- One authority's census of 2018/19 as a census of another year: every date some whole
-- weeks on, so that weekdays stay what they are. `carried_days()` says how many,
-- `carried_year()` which year. Children with an event in the first week of the year are
-- left out: theirs would lie before the other year's first day.
create table carried_la as
select la_number
from children
group by la_number
having count(*) >= 3000
order by count(*), la_number
limit 1;

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

create table carried as
select
    children.la_number,
    children.child_no,
    cast(
        row_number() over (
            partition by children.la_number
            order by cast(children.child_no as integer)
        ) as varchar
    ) as new_child_no
from children
inner join carried_la using (la_number)
where (children.la_number, children.child_no) not in (from first_week);
