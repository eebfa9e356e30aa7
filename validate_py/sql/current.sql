-- The issues of a return with nothing to compare it with.
create view validated.compared as
select
    *,
    cast(null as varchar) as status
from warehouse.restricted.rpt_validation_issues
