-- One row per census year and pair of areas of different kinds that share LSOAs, with the
-- LSOAs of each and those of both: what a reader can subtract from what. The whole
-- authority is an area too.
with own as (
    select
        lsoas.census_year,
        lsoas.lsoa_code
    from core.dim_lsoa as lsoas
    inner join core.dim_la as las
        on
            lsoas.census_year = las.census_year
            and lsoas.la_code = las.la_code
    where las.la_number = $la_number
),

places as (
    select
        census_year,
        lsoa_code,
        'la' as area_type,
        'la' as area
    from own
    union all
    select
        own.census_year,
        own.lsoa_code,
        'income_decile' as area_type,
        cast(context.income_decile as varchar) as area
    from own
    inner join modelling.mdl_lsoa_context as context
        on
            own.census_year = context.census_year
            and own.lsoa_code = context.lsoa_code
    union all
    select
        own.census_year,
        own.lsoa_code,
        areas.area_type,
        areas.area
    from own
    inner join core.dim_local_area as areas on own.lsoa_code = areas.lsoa_code
),

sizes as (
    select
        census_year,
        area_type,
        area,
        count(*) as n_lsoas
    from places
    group by census_year, area_type, area
),

pairs as (
    select
        one.census_year,
        one.area_type,
        one.area,
        other.area_type as other_type,
        other.area as other_area,
        count(*) as n_common
    from places as one
    inner join places as other
        on
            one.census_year = other.census_year
            and one.lsoa_code = other.lsoa_code
            and one.area_type <> other.area_type
    group by one.census_year, one.area_type, one.area, other.area_type, other.area
)

select
    pairs.*,
    sizes.n_lsoas,
    others.n_lsoas as other_n_lsoas
from pairs
inner join sizes
    on
        pairs.census_year = sizes.census_year
        and pairs.area_type = sizes.area_type
        and pairs.area = sizes.area
inner join sizes as others
    on
        pairs.census_year = others.census_year
        and pairs.other_type = others.area_type
        and pairs.other_area = others.area
order by
    pairs.census_year, pairs.area_type, pairs.area, pairs.other_type, pairs.other_area
