-- The authority of a neighbourhood is the one in force on that 31 March. Districts are
-- those of the lookups; where the census of the year still returned by older
-- authorities (Bournemouth, Poole and Dorset to 2019) the district of 2017 decides, and
-- later mergers replace the district (Buckinghamshire 2021 and on).
with census_year as (
    select * from {{ ref('int_geography__census_year') }}
),

lsoas as (
    select * from {{ ref('int_geography__lsoa_districts') }}
),

lad_utla as (
    select * from {{ ref('stg_reference__lad_utla') }}
),

overrides as (
    select * from {{ ref('lad17_la_overrides') }}
),

lad_changes as (
    select * from {{ ref('lad_changes') }}
),

authorities as (
    select * from {{ ref('la_authorities') }}
),

left_out as (
    select * from {{ ref('int_validation__decisions') }}
    where not is_counted
),

-- A code keeps its authority for ever, whatever year it was in force in.
code_numbers as (
    select distinct
        authorities.la_code,
        authorities.la_number
    from authorities
),

districts as (
    select
        census_year.census_year,
        census_year.lad_utla_year,
        lsoas.lsoa_vintage,
        lsoas.lsoa_code,
        lsoas.msoa_vintage,
        lsoas.msoa_code,
        lsoas.lad17_code,
        lsoas.region_code,
        coalesce(lad_changes.new_lad_code, lsoas.lad_code) as lad_code
    from census_year
    inner join lsoas
        on census_year.lsoa_vintage = lsoas.lsoa_vintage
    left join lad_changes
        on lsoas.lad_code = lad_changes.old_lad_code
            and census_year.census_year >= lad_changes.first_census_year
),

upper_tiers as (
    select
        districts.*,
        coalesce(overrides.la_code, lad_utla.utla_code, districts.lad_code)
            as upper_tier_code
    from districts
    left join overrides
        on districts.lad17_code = overrides.lad17_code
            and districts.census_year
            between overrides.first_census_year and overrides.last_census_year
    left join lad_utla
        on districts.lad_code = lad_utla.lad_code
            and districts.lad_utla_year = lad_utla.lookup_year
),

final as (
    select
        upper_tiers.census_year,
        upper_tiers.lsoa_code,
        upper_tiers.lsoa_vintage,
        upper_tiers.msoa_vintage,
        upper_tiers.msoa_code,
        upper_tiers.lad_code,
        authorities.la_code,
        authorities.la_number,
        upper_tiers.region_code,
        coalesce(
            authorities.la_number
            not in ({{ quoted_list(var('excluded_la_numbers')) }}),
            false
        ) and left_out.la_number is null as is_study_la
    from upper_tiers
    left join code_numbers
        on upper_tiers.upper_tier_code = code_numbers.la_code
    left join authorities
        on code_numbers.la_number = authorities.la_number
            and upper_tiers.census_year
            between authorities.first_census_year and authorities.last_census_year
    left join left_out
        on upper_tiers.census_year = left_out.census_year
            and authorities.la_number = left_out.la_number
)

select * from final
