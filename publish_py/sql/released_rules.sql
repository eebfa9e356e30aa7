-- The least numbers by which the cells of this warehouse are flagged.
select
    rule,
    value
from staging.protection
