-- Every authority's census of 2018/19 as a census of another year: children get new numbers in
-- the authorities of that year. Those of an authority that was divided are dealt out over its
-- successors, those of authorities that became one stand one after the other. `carried_year()`
-- says which year.
create or replace table carried as
with heirs as (
    select
        la_number,
        new_la_number,
        row_number() over (partition by la_number order by new_la_number) - 1 as turn,
        count(*) over (partition by la_number) as n_heirs
    from la_successors
    where first_census_year <= carried_year()
)

select
    children.la_number,
    children.child_no,
    children.la_child_id,
    children.upn,
    coalesce(heirs.new_la_number, children.la_number) as new_la_number,
    cast(
        row_number() over (
            partition by coalesce(heirs.new_la_number, children.la_number)
            order by children.la_number, cast(children.child_no as integer)
        ) as varchar
    ) as new_child_no
from children
left join heirs
    on
        children.la_number = heirs.la_number
        and cast(children.child_no as integer) % heirs.n_heirs = heirs.turn
where (children.la_number, children.child_no) not in (from first_week);

create or replace table carried_la as
select
    new_la_number,
    min(la_number) as la_number
from carried
group by new_la_number;

-- A location names its child by local identifier, by UPN, or by both.
create or replace table carried_locations as
with located as (
    select
        locations.*,
        carried.new_la_number
    from locations
    inner join carried
        on
            locations.la_number = carried.la_number
            and locations.la_child_id = carried.la_child_id
    union all
    select
        locations.*,
        carried.new_la_number
    from locations
    inner join carried
        on
            locations.la_number = carried.la_number
            and locations.upn = carried.upn
    where locations.la_child_id is null
)

select * from located;
