with lsoas as (
    select * from {{ ref('dim_lsoa') }}
    where {{ is_rated_area() }}
),

grid as (
    select * from {{ ref('int_counts__grid') }}
    where is_at_msoa
),

garwood_limits as (
    select * from {{ ref('garwood_limits') }}
),

areas as (
    select distinct
        census_year,
        msoa_code,
        msoa_vintage as geography_vintage,
        la_code
    from lsoas
),

-- Many LSOAs to one MSOA: its counts and its children are the sums of theirs.
counts as (
    select
        lsoas.census_year,
        lsoas.msoa_code,
        counts.cell_no,
        cast(sum(counts.numerator) as bigint) as numerator
    from {{ ref('int_counts__lsoa') }} as counts
    inner join lsoas
        on
            counts.census_year = lsoas.census_year
            and counts.lsoa_code = lsoas.lsoa_code
    inner join grid on counts.cell_no = grid.cell_no
    group by
        lsoas.census_year,
        lsoas.msoa_code,
        counts.cell_no
),

populations as (
    select
        lsoas.census_year,
        lsoas.msoa_code,
        populations.stratum_type,
        populations.stratum,
        sum(populations.population) as population
    from {{ ref('int_counts__population') }} as populations
    inner join lsoas
        on
            populations.census_year = lsoas.census_year
            and populations.lsoa_code = lsoas.lsoa_code
    group by
        lsoas.census_year,
        lsoas.msoa_code,
        populations.stratum_type,
        populations.stratum
    union all

    -- By ethnic group there is a population of MSOAs, not of LSOAs.
    select
        census_year,
        msoa_code,
        stratum_type,
        stratum,
        population
    from {{ ref('int_counts__ethnic_population') }}
),

{{ rates_of_areas('msoa_code') }}

select * from final
