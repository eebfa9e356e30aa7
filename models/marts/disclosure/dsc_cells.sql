with register as (
    select * from {{ ref('dsc_register') }}
    where is_publishable
),

rules as (
    select
        max(case when rule = 'minimum_count' then value end) as minimum_count,
        max(case when rule = 'minimum_cell_lsoas' then value end) as minimum_lsoas,
        max(case when rule = 'largest_lsoa_pct' then value end) as largest_lsoa_pct,
        max(case when rule = 'minimum_children' then value end) as minimum_children
    from {{ ref('protection') }}
),

garwood_limits as (
    select * from {{ ref('garwood_limits') }}
),

area_names as (
    {%- for area_code, area_name in [
        ('la_code', 'la_name'), ('region_code', 'region_name'), ("'E92000001'", "'England'"),
    ] %}
    select
        census_year,
        {{ area_code }} as area_code,
        {{ area_name }} as area_name
    from {{ ref('dim_la') }}
    {{ 'union' if not loop.last }}
    {%- endfor %}
),

counts as (
    select
        areas.*,
        cast(null as bigint) as n_lsoas,
        cast(null as bigint) as largest_lsoa
    from {{ ref('int_disclosure__areas') }} as areas
    union all
    select neighbourhoods.*
    from {{ ref('int_disclosure__neighbourhoods') }} as neighbourhoods
),

-- Zeros are shown, whatever they stand for.
flagged as (
    select
        counts.*,
        coalesce(area_names.area_name, counts.area_code) as area_name,
        register.is_rounded,
        coalesce(strata.is_partition, counts.stratum_type <> 'factor') as is_partition,
        case
            when counts.numerator = 0 then ''
            when counts.numerator < rules.minimum_count then 'small count'
            when counts.n_lsoas < rules.minimum_lsoas and counts.grain <> 'msoa'
                then 'few neighbourhoods'
            when 100 * counts.largest_lsoa > rules.largest_lsoa_pct * counts.numerator
                then 'one neighbourhood'
            when counts.denominator < rules.minimum_children then 'few children'
            else ''
        end as primary_reason
    from counts
    inner join register
        on
            counts.grain = register.grain
            and counts.measure = register.measure
            and counts.basis = register.basis
            and counts.timing = register.timing
            and counts.stratum_type = register.stratum_type
    cross join rules
    left join area_names
        on
            counts.census_year = area_names.census_year
            and counts.area_code = area_names.area_code
    left join {{ ref('dim_stratum') }} as strata
        on
            counts.stratum_type = strata.stratum_type
            and counts.stratum = strata.stratum
),

final as (
    select
        cast(row_number() over (
            order by
                flagged.census_year,
                flagged.grain,
                flagged.area_code,
                flagged.measure,
                flagged.basis,
                flagged.timing,
                flagged.stratum_type,
                flagged.stratum
        ) as integer) as cell_no,
        flagged.census_year,
        flagged.grain,
        flagged.area_code,
        flagged.area_name,
        flagged.parent_code,
        flagged.measure,
        flagged.basis,
        flagged.timing,
        flagged.stratum_type,
        flagged.stratum,
        flagged.is_partition,
        flagged.is_rounded,
        flagged.numerator,
        flagged.denominator,
        {{ rate_per_10k('flagged.numerator', 'flagged.denominator') }} as rate_per_10k,
        {{ rate_per_10k(garwood_lower('flagged.numerator'), 'flagged.denominator') }}
            as ci_low,
        {{ rate_per_10k(garwood_upper('flagged.numerator'), 'flagged.denominator') }}
            as ci_high,
        flagged.n_lsoas,
        flagged.largest_lsoa,
        flagged.primary_reason <> '' as is_primary,
        flagged.primary_reason
    from flagged
    left join garwood_limits on flagged.numerator = garwood_limits.n
)

select * from final
