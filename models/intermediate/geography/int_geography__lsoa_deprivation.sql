-- Called income whatever the domain: any domain can take its place (var
-- deprivation_domain), and the models read one column. Scores of the LSOAs of another
-- census are means over residents.
with census_year as (
    select * from {{ ref('int_geography__census_year') }}
),

links as (
    select * from {{ ref('int_geography__lsoa_links') }}
),

lsoa_deprivation as (
    select * from {{ ref('stg_reference__lsoa_deprivation') }}
    where domain = '{{ var('deprivation_domain') }}'
),

-- A release with the LSOAs of the year is read in those.
vintages as (
    {{ vintage_of_year('lsoa_deprivation', 'iod_release') }}
),

final as (
    select
        vintages.census_year,
        links.to_code as lsoa_code,
        {{ weighted_mean('lsoa_deprivation.score', 'links.share_of_to') }} as income
    from vintages
    inner join lsoa_deprivation
        on vintages.iod_release = lsoa_deprivation.iod_release
            and vintages.from_vintage = lsoa_deprivation.lsoa_vintage
    inner join links
        on lsoa_deprivation.lsoa_vintage = links.from_vintage
            and lsoa_deprivation.lsoa_code = links.from_code
            and vintages.to_vintage = links.to_vintage
    group by vintages.census_year, links.to_code
)

select * from final
