-- One row per LSOA with a population and a score, ordered by LA: its rate, and its place
-- in the ranking of children by income deprivation (0 the least, 1 the most deprived),
-- the middle of its own children; equally deprived LSOAs share one place.
with points as (

    select
        context.la_code,
        context.lsoa_code,
        context.income,
        cast(counts.n_events as double) as n_events,
        cast(counts.population as double) as population
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
        and context.income is not null

),

scores as (

    select
        income,
        sum(population) as population,
        sum(sum(population)) over (order by income) as up_to_here
    from points
    group by income

),

whole as (

    select sum(population) as population from points

)

select
    points.la_code,
    points.n_events,
    points.population,
    10000.0 * points.n_events / points.population as rate_per_10k,
    100.0 * points.income as income_pct,
    cast(
        (scores.up_to_here - 0.5 * scores.population) / whole.population as double
    ) as rank
from points
inner join scores on points.income = scores.income
cross join whole
order by points.la_code, points.lsoa_code
