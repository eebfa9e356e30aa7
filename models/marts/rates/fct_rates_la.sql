with lsoas as (
    select * from {{ ref('dim_lsoa') }}
    where {{ is_rated_area() }}
),

grid as (
    select * from {{ ref('int_counts__grid') }}
    where is_at_la
),

garwood_limits as (
    select * from {{ ref('garwood_limits') }}
),

areas as (
    select distinct
        census_year,
        geography_vintage,
        la_code
    from lsoas
),

-- Many LSOAs to one LA: its counts and its children are the sums of theirs.
counts as (
    select
        lsoas.census_year,
        lsoas.la_code,
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
        lsoas.la_code,
        counts.cell_no
),

msoas as (
    select distinct
        census_year,
        msoa_code,
        la_code
    from lsoas
),

ethnic_groups as (
    select distinct
        stratum_type,
        stratum
    from grid
    where stratum_type = 'ethnicity'
),

-- By ethnic group there is a population of MSOAs: of an authority where each has one.
ethnic_populations as (
    select
        msoas.census_year,
        msoas.la_code,
        strata.stratum_type,
        strata.stratum,
        case
            when count(populations.population) = count(*)
                then sum(populations.population)
        end as population
    from msoas
    cross join ethnic_groups as strata
    left join {{ ref('int_counts__ethnic_population') }} as populations
        on
            msoas.census_year = populations.census_year
            and msoas.msoa_code = populations.msoa_code
            and strata.stratum_type = populations.stratum_type
            and strata.stratum = populations.stratum
    group by msoas.census_year, msoas.la_code, strata.stratum_type, strata.stratum
),

populations as (
    select
        lsoas.census_year,
        lsoas.la_code,
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
        lsoas.la_code,
        populations.stratum_type,
        populations.stratum
    union all

    select * from ethnic_populations
),

{{ rates_of_areas('la_code') }}

select * from final
