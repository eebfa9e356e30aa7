{{ config(store_failures=true, schema='restricted') }}

-- English area codes of location files that no lookup of the year knows. File and place
-- only: a code is where a child lives.
select
    locations.source_file,
    locations.source_row
from {{ ref('stg_locations__child_locations') }} as locations
left join {{ ref('int_geography__lsoa') }} as lsoas
    on
        locations.census_year = lsoas.census_year
        and locations.lsoa_code = lsoas.lsoa_code
where
    locations.lsoa_code like 'E01%'
    and lsoas.lsoa_code is null
