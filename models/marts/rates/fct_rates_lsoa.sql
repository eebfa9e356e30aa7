with areas as (
    select * from {{ ref('dim_lsoa') }}
    where {{ is_rated_area() }}
),

grid as (
    select * from {{ ref('int_counts__grid') }}
    where is_at_lsoa
),

counts as (
    select * from {{ ref('int_counts__lsoa') }}
),

populations as (
    select * from {{ ref('int_counts__population') }}
),

garwood_limits as (
    select * from {{ ref('garwood_limits') }}
),

{{ rates_of_areas('lsoa_code') }}

select * from final
