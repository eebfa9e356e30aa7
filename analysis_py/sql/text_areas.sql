-- One row per value of the report's prose that is a property of areas.
with lsoas as (

    select
        *,
        case when is_rural then 'Rural' else 'Urban' end as settlement
    from modelling.mdl_lsoa_context
    where census_year = $census_year

),

las as (

    select * from modelling.mdl_la_context
    where census_year = $census_year

),

every_lsoa as (

    select * from core.dim_lsoa
    where census_year = $census_year

),

figures as (

    select
        'lsoas_in_data' as statistic,
        count(*) as value
    from lsoas
    union all
    select
        'las_in_data' as statistic,
        count(*) as value
    from las
    union all
    select
        'lsoas_text_2_3' as statistic,
        count(*) as value
    from every_lsoa
    union all
    select
        'msoas_text_2_3' as statistic,
        count(distinct msoa_code) as value
    from every_lsoa
    union all
    select
        'las_text_2_3' as statistic,
        count(distinct la_code) as value
    from every_lsoa
    union all
    select
        'share_urban_lsoas_pct' as statistic,
        100.0 * count(*) filter (where not is_rural) / nullif(count(is_rural), 0) as value
    from lsoas
    union all
    select
        'share_rural_lsoas_pct' as statistic,
        100.0 * count(*) filter (where is_rural) / nullif(count(is_rural), 0) as value
    from lsoas
    union all
    select
        'children_5_15_per_lsoa_mean' as statistic,
        avg(population) as value
    from lsoas
    union all
    select
        'lsoa_income_pct_at_max_prediction' as statistic,
        100.0 * max(income) as value
    from lsoas
    union all
    select
        'lsoa_income_pct_at_min_prediction_below' as statistic,
        100.0 * min(income) as value
    from lsoas

),

places as (

    select
        settlement as row_label,
        sum(population) as population
    from lsoas
    group by settlement
    union all
    select
        case density_band when 'sparse' then 'Sparse' else 'Dense' end as row_label,
        sum(population) as population
    from lsoas
    where density_band in ('sparse', 'dense')
    group by density_band

),

-- what the report prints and no mart holds
unsaid (row_label, statistic, reason) as (

    values
    ('', 'persons_per_lsoa_mean', 'only children of the ages studied are counted'),
    ('', 'households_per_lsoa_mean', 'no households are read'),
    (
        'White',
        'white_british_share_of_white_population_pct',
        'ethnic groups are read as five, without White British'
    ),
    ('Sparse', 'density_threshold_per_km2', 'a limit that bands are drawn at, no estimate'),
    ('Dense', 'density_threshold_per_km2', 'a limit that bands are drawn at, no estimate')

)

select
    '' as row_label,
    statistic,
    cast(value as double) as value,
    cast(null as double) as ci_low,
    cast(null as double) as ci_high,
    case
        when statistic like '%text_2_3'
            then 'of England; the report counts those of England and Wales'
        else ''
    end as reason
from figures
union all
select
    row_label,
    'child_population_millions' as statistic,
    population / 1e6 as value,
    null as ci_low,
    null as ci_high,
    '' as reason
from places
union all
select
    '' as row_label,
    'lsoa_income_pct_axis_range' as statistic,
    null as value,
    100.0 * min(income) as ci_low,
    100.0 * max(income) as ci_high,
    'the range of the data' as reason
from lsoas
union all
select
    '' as row_label,
    'la_income_pct_axis_range' as statistic,
    null as value,
    100.0 * min(la_income) as ci_low,
    100.0 * max(la_income) as ci_high,
    'the range of the data' as reason
from las
union all
select
    row_label,
    statistic,
    null as value,
    null as ci_low,
    null as ci_high,
    reason
from unsaid
