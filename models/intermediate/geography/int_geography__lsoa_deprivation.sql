-- Called income whatever the domain: any domain can take its place (var
-- deprivation_domain), and the models read one column.
with census_year as (
    select * from {{ ref('int_geography__census_year') }}
),

lsoa as (
    select * from {{ ref('int_geography__lsoa') }}
),

lsoa_deprivation as (
    select * from {{ ref('stg_reference__lsoa_deprivation') }}
),

final as (
    select
        lsoa.census_year,
        lsoa.lsoa_code,
        lsoa_deprivation.score as income
    from lsoa
    inner join census_year
        on lsoa.census_year = census_year.census_year
    inner join lsoa_deprivation
        on lsoa.lsoa_code = lsoa_deprivation.lsoa_code
            and lsoa.lsoa_vintage = lsoa_deprivation.lsoa_vintage
            and census_year.iod_release = lsoa_deprivation.iod_release
    where lsoa_deprivation.domain = '{{ var('deprivation_domain') }}'
)

select * from final
