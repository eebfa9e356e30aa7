with census_year as (
    select * from {{ ref('int_geography__census_year') }}
),

lsoa as (
    select * from {{ ref('int_geography__lsoa') }}
),

rural_urban as (
    select * from {{ ref('stg_reference__lsoa_rural_urban') }}
),

density as (
    select * from {{ ref('stg_reference__lsoa_density') }}
),

final as (
    select
        lsoa.census_year,
        lsoa.lsoa_code,
        rural_urban.ruc_code,
        -- RUC A to C are urban, D and E rural (report, section 3.7).
        substr(rural_urban.ruc_code, 1, 1) in ('D', 'E') as is_rural,
        density.people_per_sq_km
    from lsoa
    inner join census_year
        on lsoa.census_year = census_year.census_year
    left join rural_urban
        on lsoa.lsoa_code = rural_urban.lsoa11_code
            and census_year.ruc_release = rural_urban.ruc_release
    left join density
        on lsoa.lsoa_code = density.lsoa_code
            and census_year.density_mid_year = density.mid_year
)

select * from final
