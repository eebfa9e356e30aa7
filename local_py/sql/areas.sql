-- One row per LSOA and kind of area that the authority named for it.
create or replace table core.dim_local_area as
select
    lsoa_code,
    area_type,
    area
from areas_file
order by lsoa_code, area_type
