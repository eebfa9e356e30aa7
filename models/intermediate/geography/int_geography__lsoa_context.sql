-- Both files are of the LSOAs of 2011. One of 2021 has the class of the LSOA that most
-- of its residents lived in, and as many people per square km as its parts together.
with census_year as (
    select * from {{ ref('int_geography__census_year') }}
),

lsoa as (
    select * from {{ ref('int_geography__lsoa') }}
),

links as (
    select * from {{ ref('int_geography__lsoa_links') }}
    where from_vintage = '2011'
),

rural_urban as (
    select * from {{ ref('stg_reference__lsoa_rural_urban') }}
),

density as (
    select * from {{ ref('stg_reference__lsoa_density') }}
),

-- A published density is kept as it is.
densities as (
    select
        density.mid_year,
        links.to_vintage,
        links.to_code,
        case
            when count(*) < max(links.n_sources) then null
            when max(links.n_sources) = 1 then max(density.people_per_sq_km)
            else {{ safe_divide(
                'sum(density.population * links.share_of_from)',
                'sum(density.area_sq_km * links.share_of_from)'
            ) }}
        end as people_per_sq_km,
        sum(density.population * links.share_of_from) as n_people,
        sum(density.area_sq_km * links.share_of_from) as area_sq_km
    from density
    inner join links
        on density.lsoa_code = links.from_code
    group by density.mid_year, links.to_vintage, links.to_code
),

final as (
    select
        lsoa.census_year,
        lsoa.lsoa_code,
        rural_urban.ruc_code,
        -- RUC A to C are urban, D and E rural (report, section 3.7).
        substr(rural_urban.ruc_code, 1, 1) in ('D', 'E') as is_rural,
        densities.people_per_sq_km,
        densities.n_people,
        densities.area_sq_km
    from lsoa
    inner join census_year
        on lsoa.census_year = census_year.census_year
    left join links
        on lsoa.lsoa_code = links.to_code
            and lsoa.lsoa_vintage = links.to_vintage
            and links.is_main_source
    left join rural_urban
        on links.from_code = rural_urban.lsoa11_code
            and census_year.ruc_release = rural_urban.ruc_release
    left join densities
        on lsoa.lsoa_code = densities.to_code
            and lsoa.lsoa_vintage = densities.to_vintage
            and census_year.density_mid_year = densities.mid_year
)

select * from final
