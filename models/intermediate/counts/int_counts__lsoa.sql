with steps as (
    select * from {{ ref('int_cohort__steps') }}
),

rate_grid as (
    select * from {{ ref('rate_grid') }}
    where lsoa or msoa or la
),

-- The smallest cells: everything counted is a sum of these.
cells as (
    select
        census_year,
        lsoa_code,
        measure,
        timing,
        sex,
        age,
        count(*) as n_episodes,
        count(case when is_first_counted then 1 end) as n_persons
    from steps
    where is_counted
    group by census_year, lsoa_code, measure, timing, sex, age
),

-- Each cell once for every basis and stratum type that the grid has for its measure.
stratified as (
    select
        cells.census_year,
        cells.lsoa_code,
        cells.measure,
        rate_grid.basis,
        cells.timing,
        rate_grid.stratum_type,
        case rate_grid.stratum_type
            when 'all' then 'all'
            when 'sex' then cells.sex
            when 'age' then cast(cells.age as varchar)
        end as stratum,
        case rate_grid.basis
            when 'episode' then cells.n_episodes
            when 'person' then cells.n_persons
        end as numerator
    from cells
    inner join rate_grid
        on
            cells.measure = rate_grid.measure
            and cells.timing = rate_grid.timing
),

final as (
    select
        census_year,
        lsoa_code,
        measure,
        basis,
        timing,
        stratum_type,
        stratum,
        cast(sum(numerator) as bigint) as numerator
    from stratified
    where numerator > 0
    group by census_year, lsoa_code, measure, basis, timing, stratum_type, stratum
)

select * from final
