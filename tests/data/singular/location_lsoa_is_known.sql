{{ config(store_failures=true, schema='restricted') }}

-- English area codes of location files that no lookup knows, of the year's census or of
-- the other. File and place only: a code is where a child lives.
with known as (
    select
        lsoas.census_year,
        lsoas.lsoa_code
    from {{ ref('int_geography__lsoa') }} as lsoas
    union
    select
        census_year.census_year,
        links.from_code
    from {{ ref('int_geography__census_year') }} as census_year
    inner join {{ ref('int_geography__lsoa_links') }} as links
        on census_year.lsoa_vintage = links.to_vintage
)

select
    locations.source_file,
    locations.source_row
from {{ ref('stg_locations__child_locations') }} as locations
left join known
    on
        locations.census_year = known.census_year
        and locations.lsoa_code = known.lsoa_code
where
    locations.lsoa_code like 'E01%'
    and known.lsoa_code is null
