-- Counts of LSOAs by MSOA, and by how deprived and how rural they are; how many LSOAs a
-- count stands for, and the most that one of them has of it.
with lsoas as (
    select
        lsoas.census_year,
        lsoas.lsoa_code,
        lsoas.msoa_code,
        lsoas.la_code,
        -- An authority's region, as in its own counts: that of an LSOA is of a lookup.
        las.region_code,
        context.income_decile,
        case when context.is_rural then 'rural' else 'urban' end as rural_urban
    from {{ ref('dim_lsoa') }} as lsoas
    inner join {{ ref('mdl_lsoa_context') }} as context
        on
            lsoas.census_year = context.census_year
            and lsoas.lsoa_code = context.lsoa_code
    inner join {{ ref('dim_la') }} as las
        on
            lsoas.census_year = las.census_year
            and lsoas.la_code = las.la_code
),

-- One row per MSOA, decile and kind: what every sum below is made of.
finest as (
    select
        lsoas.census_year,
        lsoas.msoa_code,
        lsoas.la_code,
        lsoas.region_code,
        lsoas.income_decile,
        lsoas.rural_urban,
        rates.measure,
        rates.basis,
        rates.timing,
        sum(rates.numerator) as numerator,
        sum(rates.denominator) as denominator,
        count(*) as n_lsoas,
        max(rates.numerator) as largest_lsoa
    from {{ ref('fct_rates_lsoa') }} as rates
    inner join lsoas
        on
            rates.census_year = lsoas.census_year
            and rates.lsoa_code = lsoas.lsoa_code
    where rates.stratum_type = 'all'
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),

kinds as (
    {%- for stratum_type, stratum in {
        'income_decile': 'cast(income_decile as string)',
        'rural_urban': 'rural_urban',
        'income_decile_rural_urban':
            "cast(income_decile as string) || ' ' || rural_urban",
    }.items() %}
    {%- for grain, area_code, parent_code in [
        ('region', 'region_code', "'E92000001'"),
        ('england', "'E92000001'", 'cast(null as string)'),
    ] %}
    select
        '{{ grain }}' as grain,
        {{ area_code }} as area_code,
        {{ parent_code }} as parent_code,
        '{{ stratum_type }}' as stratum_type,
        {{ stratum }} as stratum,
        finest.*
    from finest
    union all
    {%- endfor %}
    {%- endfor %}
    select
        'msoa' as grain,
        msoa_code as area_code,
        la_code as parent_code,
        'all' as stratum_type,
        'all' as stratum,
        finest.*
    from finest
),

final as (
    select
        census_year,
        grain,
        area_code,
        parent_code,
        measure,
        basis,
        timing,
        stratum_type,
        stratum,
        cast(sum(numerator) as bigint) as numerator,
        sum(denominator) as denominator,
        cast(sum(n_lsoas) as bigint) as n_lsoas,
        max(largest_lsoa) as largest_lsoa
    from kinds
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
)

select * from final
