-- A year without any location record cannot be counted by place. Beside years that can
-- be, it is there to look back: to referrals and plans before theirs.
with children as (
    select * from {{ ref('stg_census__children') }}
),

returns as (
    select * from {{ ref('stg_census__returns') }}
),

locations as (
    select * from {{ ref('stg_locations__child_locations') }}
),

arrived as (
    select children.census_year from children
    union
    select returns.census_year from returns
),

located as (
    select distinct census_year from locations
),

joined as (
    select
        arrived.census_year,
        located.census_year is not null as has_locations
    from arrived
    left join located on arrived.census_year = located.census_year
    where arrived.census_year is not null
),

-- With no location records at all every year is counted, and the gate says that nobody
-- could be placed.
final as (
    select
        census_year,
        {{ make_date('census_year', 3, 31) }} as reference_date,
        {{ make_date('census_year - 1', 4, 1) }} as year_start,
        has_locations,
        has_locations or not max(has_locations) over () as is_counted
    from joined
)

select * from final
