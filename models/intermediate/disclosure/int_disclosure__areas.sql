-- Counts of authorities, of regions and of England, which are their sums.
with las as (
    select * from {{ ref('dim_la') }}
    where is_study_la
),

by_la as (
    select
        rates.*,
        las.region_code
    from {{ ref('fct_rates_la') }} as rates
    inner join las
        on
            rates.census_year = las.census_year
            and rates.la_code = las.la_code
),

-- A sum has the population of a stratum where each of its authorities has it.
final as (
    {%- for grain, area_code, parent_code in [
        ('la', 'la_code', 'region_code'),
        ('region', 'region_code', "'E92000001'"),
        ('england', "'E92000001'", 'cast(null as string)'),
    ] %}
    select
        census_year,
        '{{ grain }}' as grain,
        {{ area_code }} as area_code,
        {{ parent_code }} as parent_code,
        measure,
        basis,
        timing,
        stratum_type,
        stratum,
        cast(sum(numerator) as bigint) as numerator,
        case when count(denominator) = count(*) then sum(denominator) end as denominator
    from by_la
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
