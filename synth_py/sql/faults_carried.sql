-- One authority's census of 2018/19 as a census of another year: every date some whole
-- weeks on. Children with an event in the first week of the year are left out.
create table carried_la as
select la_number
from children
group by la_number
having count(*) >= 3000
order by count(*), la_number
limit 1;

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
