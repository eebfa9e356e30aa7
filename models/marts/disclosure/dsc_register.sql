with rate_grid as (
    select * from {{ ref('rate_grid') }}
),

publishable as (
    select * from {{ ref('publishable') }}
),

-- Grains of a cell of the grid; regions and England are sums of authorities.
at_grains as (
    {%- for grain, column in {
        'lsoa': 'lsoa', 'msoa': 'msoa', 'la': 'la', 'region': 'la', 'england': 'la',
    }.items() %}
    select
        '{{ grain }}' as grain,
        measure,
        basis,
        timing,
        stratum_type
    from rate_grid
    where {{ column }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Kinds of neighbourhood are strata of the sums of LSOAs.
by_neighbourhood as (
    select
        publishable.grain,
        rate_grid.measure,
        rate_grid.basis,
        rate_grid.timing,
        publishable.stratum_type
    from rate_grid
    cross join publishable
    where
        rate_grid.stratum_type = 'all'
        and rate_grid.lsoa
        and publishable.stratum_type in (
            'income_decile', 'rural_urban', 'income_decile_rural_urban', 'density_band'
        )
),

listed as (
    select * from at_grains
    union all
    select * from by_neighbourhood
),

-- The rule that names the measure and the stratum type comes before one for any.
ruled as (
    select
        listed.*,
        publishable.is_publishable,
        publishable.reason,
        row_number() over (
            partition by
                listed.grain,
                listed.measure,
                listed.basis,
                listed.timing,
                listed.stratum_type
            order by
                case when publishable.measure = 'any' then 1 else 0 end
                + case when publishable.stratum_type = 'any' then 1 else 0 end
        ) as rule_no
    from listed
    inner join publishable
        on
            listed.grain = publishable.grain
            and publishable.measure in (listed.measure, 'any')
            and publishable.stratum_type in (listed.stratum_type, 'any')
),

final as (
    select
        grain,
        measure,
        basis,
        timing,
        stratum_type,
        case grain
            when 'lsoa' then 'msoa'
            when 'msoa' then 'la'
            when 'la' then 'region'
            when 'region' then 'england'
        end as total_grain,
        case
            when stratum_type = 'income_decile_rural_urban' then 'income_decile'
            when stratum_type in ('all', 'factor') then cast(null as string)
            else 'all'
        end as total_stratum_type,
        is_publishable,
        grain in ('region', 'england') as is_rounded,
        reason
    from ruled
    where rule_no = 1
)

select * from final
