-- How the LSOAs of one census lie in those of the other, so that figures of either can
-- be read in the LSOAs of a year (decision 0013). Of land that several LSOAs share
-- nothing is published: it is shared in proportion to residents.
{%- set from_lsoa = 'partition by from_vintage, from_code, to_vintage' %}
{%- set to_lsoa = 'partition by to_vintage, to_code, from_vintage' %}
with exact_fit as (
    select distinct
        lsoa11_code,
        lsoa21_code
    from {{ ref('stg_reference__lsoa_exact_fit') }}
    where lsoa11_code like 'E01%'
),

oa_lookup as (
    select distinct lsoa11_code
    from {{ ref('stg_reference__oa_lookup') }}
    where country_code = 'E92000001'
),

sizes as (
    select * from {{ ref('int_geography__lsoa_sizes') }}
),

pairs as (
    select
        '2011' as from_vintage,
        lsoa11_code as from_code,
        '2011' as to_vintage,
        lsoa11_code as to_code
    from oa_lookup
    union all
    select distinct
        '2021' as from_vintage,
        lsoa21_code as from_code,
        '2021' as to_vintage,
        lsoa21_code as to_code
    from exact_fit
    union all
    select
        '2011' as from_vintage,
        lsoa11_code as from_code,
        '2021' as to_vintage,
        lsoa21_code as to_code
    from exact_fit
    union all
    select
        '2021' as from_vintage,
        lsoa21_code as from_code,
        '2011' as to_vintage,
        lsoa11_code as to_code
    from exact_fit
),

-- Each join finds at most one row.
sized as (
    select
        pairs.*,
        from_sizes.residents as from_residents,
        to_sizes.residents as to_residents
    from pairs
    left join sizes as from_sizes
        on pairs.from_vintage = from_sizes.lsoa_vintage
            and pairs.from_code = from_sizes.lsoa_code
    left join sizes as to_sizes
        on pairs.to_vintage = to_sizes.lsoa_vintage
            and pairs.to_code = to_sizes.lsoa_code
),

shared as (
    select
        from_vintage,
        from_code,
        to_vintage,
        to_code,
        count(*) over ({{ to_lsoa }}) as n_sources,
        {{ share_of('to_residents', from_lsoa) }} as share_of_from,
        {{ share_of('from_residents', to_lsoa) }} as share_of_to
    from sized
),

dealt as (
    select
        *,
        sum(share_of_from) over (
            {{ from_lsoa }} order by to_code
            rows between unbounded preceding and current row
        ) as dealt_to,
        row_number() over (
            {{ from_lsoa }} order by to_code desc
        ) = 1 as is_last,
        row_number() over (
            {{ to_lsoa }} order by share_of_to desc, from_code asc
        ) = 1 as is_main_source
    from shared
),

final as (
    select
        from_vintage,
        from_code,
        to_vintage,
        to_code,
        n_sources,
        share_of_from,
        share_of_to,
        is_main_source,
        coalesce(
            lag(dealt_to) over ({{ from_lsoa }} order by to_code), 0
        ) as dealt_from,
        case when is_last then 1 else dealt_to end as dealt_to
    from dealt
)

select * from final
