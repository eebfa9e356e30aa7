-- One row per LA and stratum of its LSOAs by national quintile of income deprivation
-- (the least, the middle and the most deprived fifth): where the least deprived LAs
-- have the higher rates within each, the direction of the whole is reversed.
select
    context.la_code as place,
    case context.income_quintile
        when 1 then 'low' when 3 then 'mid' else 'high'
    end as series,
    cast(100.0 * any_value(context.la_income) as double) as x,
    cast(
        10000.0 * sum(counts.n_events) / nullif(sum(counts.population), 0) as double
    ) as y,
    cast(sum(counts.n_events) as bigint) as n_events,
    count(*) as n_areas,
    cast(sum(counts.population) as double) as population
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
    and context.income_quintile in (1, 3, 5)
group by context.la_code, context.income_quintile
order by series, place
