-- One row: the printed counts, shares and rate of one row of a table, over every LSOA,
-- with the percentage base that the spec names and what the model had to leave out.
with counts as (

    select
        counts.measure,
        counts.stratum_type,
        counts.stratum,
        counts.n_events,
        counts.population,
        coalesce(counts.population > 0, false)
        and context.x1 is not null
        and context.x2 is not null as is_fitted
    from modelling.mdl_lsoa_counts as counts
    left join modelling.mdl_lsoa_context as context
        on
            counts.lsoa_code = context.lsoa_code
            and counts.census_year = context.census_year
    where
        counts.census_year = $census_year
        and counts.measure in ($measure, $base_measure)
        and counts.stratum in ($stratum, $base_stratum)

),

this_row as (

    select
        count(*) as n_lsoas,
        coalesce(sum(n_events), 0) as n,
        sum(population) as population,
        coalesce(sum(case when is_fitted then 0 else n_events end), 0) as n_left_out
    from counts
    where
        measure = $measure
        and stratum_type = $stratum_type
        and stratum = $stratum

),

base as (

    select
        sum(n_events) as n,
        sum(population) as population
    from counts
    where
        measure = $base_measure
        and stratum_type = $base_stratum_type
        and stratum = $base_stratum

),

final as (

    select
        cast(this_row.n_lsoas as bigint) as n_lsoas,
        cast(this_row.n_left_out as bigint) as n_left_out,
        cast(this_row.n as double) as n,
        cast(100.0 * this_row.n / nullif(base.n, 0) as double) as n_pct,
        cast(this_row.population as double) as population,
        cast(
            100.0 * this_row.population / nullif(base.population, 0) as double
        ) as population_pct,
        cast(
            10000.0 * this_row.n / nullif(this_row.population, 0) as double
        ) as rate_per_10k
    from this_row
    cross join base

)

select * from final
