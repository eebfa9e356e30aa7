-- Who was referred in the year before 2018/19 and comes back in it stands in that year's own
-- census, after its other children. `look_back.<table>` are their rows.
create or replace table look_back_children as
select
    earlier.la_number,
    earlier.child_no,
    cast(
        cast(earlier.child_no as integer) + coalesce(own.n_children, 0) as varchar
    ) as new_child_no
from look_back.children as earlier
left join (
    select
        la_number,
        count(*) as n_children
    from children
    group by la_number
) as own
    on earlier.la_number = own.la_number;

-- They live where the locations of 2018/19 have them; a location names its child by local
-- identifier, or by UPN alone.
create or replace table look_back_locations as
select locations.*
from locations
semi join look_back.children as earlier
    on
        locations.la_number = earlier.la_number
        and locations.la_child_id = earlier.la_child_id
union all
select locations.*
from locations
semi join look_back.children as earlier
    on
        locations.la_number = earlier.la_number
        and locations.upn = earlier.upn
where locations.la_child_id is null;
