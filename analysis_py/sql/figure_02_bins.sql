-- One row per band of LSOA income deprivation: the points of Figure 2. Bands are
-- equally wide; the last is open above, and starts where at least $minimum_lsoas
-- LSOAs are left.
with points as (

    select
        counts.n_events,
        counts.population,
        100.0 * context.income as income_pct,
        -- rounded first, so that .175 is not 6.999999 bands
        cast(floor(round(100.0 * context.income / $band_width, 9)) as integer) as band
    from modelling.mdl_lsoa_counts as counts
    inner join modelling.mdl_lsoa_context as context
        on
            counts.lsoa_code = context.lsoa_code
            and counts.census_year = context.census_year
    where
        counts.census_year = $census_year
        and counts.measure = $measure
        and counts.stratum_type = 'all'
        and counts.stratum = 'all'
        and counts.population > 0
        and context.income is not null

),

bands as (

    select
        band,
        sum(count(*)) over (
            order by band desc
            rows between unbounded preceding and current row
        ) as n_lsoas_from_here_up
    from points
    group by band

),

top_band as (

    select max(band) as band
    from bands
    where n_lsoas_from_here_up >= $minimum_lsoas

),

banded as (

    select
        points.n_events,
        points.population,
        points.income_pct,
        least(points.band, coalesce(top_band.band, points.band)) as band
    from points
    cross join top_band

),

final as (

    select
        band,
        cast(band * $band_width as double) as income_pct_from,
        cast(avg(income_pct) as double) as income_pct_mean,
        count(*) as n_lsoas,
        cast(sum(n_events) as bigint) as n_events,
        cast(sum(population) as double) as population,
        cast(10000.0 * sum(n_events) / sum(population) as double) as rate_per_10k
    from banded
    group by band
    order by band

)

select * from final
