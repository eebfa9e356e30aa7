-- The LSOAs of both censuses. One of 2021 has the region and the district of 2017 of
-- the LSOA of 2011 that most of its residents lived in, and its MSOA too where the
-- lookup of 2021 is not there; one across the border of its district comes after those
-- within, so that an MSOA lies in one authority.
with oa_lookup as (
    select * from {{ ref('stg_reference__oa_lookup') }}
),

oa21_lookup as (
    select * from {{ ref('stg_reference__oa21_lookup') }}
),

lsoa_lad as (
    select * from {{ ref('stg_reference__lsoa_lad') }}
),

exact_fit as (
    select * from {{ ref('stg_reference__lsoa_exact_fit') }}
),

links as (
    select * from {{ ref('int_geography__lsoa_links') }}
),

lsoas_of_2011 as (
    select
        oa_lookup.lsoa11_code,
        min(oa_lookup.msoa11_code) as msoa11_code,
        min(oa_lookup.lad17_code) as lad17_code,
        min(oa_lookup.region_code) as region_code
    from oa_lookup
    where oa_lookup.country_code = 'E92000001'
    group by oa_lookup.lsoa11_code
),

-- The earliest edition of each lookup: later changes of districts are the seed's.
districts_of_2011 as (
    select
        *,
        lad_year = min(lad_year) over () as is_earliest
    from lsoa_lad
),

districts_of_2021 as (
    select distinct
        lsoa21_code,
        lad_code,
        lad_year = min(lad_year) over () as is_earliest
    from exact_fit
),

msoas_of_2021 as (
    select
        lsoa21_code,
        min(msoa21_code) as msoa21_code
    from oa21_lookup
    group by lsoa21_code
),

-- The LSOA of 2011 that an LSOA of 2021 takes after.
sources as (
    select
        links.to_code,
        links.from_code,
        districts_of_2021.lad_code,
        row_number() over (
            partition by links.to_code
            order by
                case
                    when districts_of_2011.lad_code = districts_of_2021.lad_code
                        then 0
                    else 1
                end asc,
                links.share_of_to desc,
                links.from_code asc
        ) as source_no
    from links
    left join districts_of_2011
        on links.from_code = districts_of_2011.lsoa11_code
            and districts_of_2011.is_earliest
    left join districts_of_2021
        on links.to_code = districts_of_2021.lsoa21_code
            and districts_of_2021.is_earliest
    where links.from_vintage = '2011' and links.to_vintage = '2021'
),

final as (
    select
        '2011' as lsoa_vintage,
        lsoas_of_2011.lsoa11_code as lsoa_code,
        '2011' as msoa_vintage,
        lsoas_of_2011.msoa11_code as msoa_code,
        lsoas_of_2011.lad17_code,
        districts_of_2011.lad_code,
        lsoas_of_2011.region_code
    from lsoas_of_2011
    left join districts_of_2011
        on lsoas_of_2011.lsoa11_code = districts_of_2011.lsoa11_code
            and districts_of_2011.is_earliest
    union all
    select
        '2021' as lsoa_vintage,
        sources.to_code as lsoa_code,
        case
            when msoas_of_2021.msoa21_code is null then '2011' else '2021'
        end as msoa_vintage,
        coalesce(msoas_of_2021.msoa21_code, lsoas_of_2011.msoa11_code) as msoa_code,
        lsoas_of_2011.lad17_code,
        sources.lad_code,
        lsoas_of_2011.region_code
    from sources
    inner join lsoas_of_2011
        on sources.from_code = lsoas_of_2011.lsoa11_code
    left join msoas_of_2021
        on sources.to_code = msoas_of_2021.lsoa21_code
    where sources.source_no = 1
)

select * from final
