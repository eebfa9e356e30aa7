-- One row per national decile of income deprivation (1 the least deprived) and kind of
-- place, and overall: rates of figures 7 (urban, rural) and 8 (by population density).
with points as (

    select
        counts.n_events,
        counts.population,
        context.income_decile,
        case when context.is_rural then 'rural' else 'urban' end as settlement,
        context.density_band
    from modelling.mdl_lsoa_context as context
    -- one to one
    inner join modelling.mdl_lsoa_counts as counts
        on
            context.lsoa_code = counts.lsoa_code
            and context.census_year = counts.census_year
    where
        context.census_year = $census_year
        and counts.measure = $measure
        and counts.stratum_type = 'all'
        and counts.stratum = 'all'
        and counts.population > 0
        and context.income_decile is not null

),

kinds as (

    select
        '7' as figure_no,
        settlement as series,
        income_decile,
        n_events,
        population
    from points

    union all

    select
        '8' as figure_no,
        density_band as series,
        income_decile,
        n_events,
        population
    from points
    where density_band is not null

),

final as (

    select
        figure_no,
        coalesce(series, 'all') as series,
        coalesce(cast(income_decile as varchar), 'all') as place,
        cast(income_decile as double) as x,
        cast(10000.0 * sum(n_events) / nullif(sum(population), 0) as double) as y,
        cast(sum(n_events) as bigint) as n_events,
        count(*) as n_areas,
        cast(sum(population) as double) as population
    from kinds
    group by
        grouping sets (
            (figure_no, series, income_decile),
            (figure_no, series),
            (figure_no, income_decile),
            (figure_no)
        )

)

select * from final
order by figure_no, series, x nulls first
