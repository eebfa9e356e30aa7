with population as (
    select *
    from {{ ref('int_geography__lsoa_population') }}
    where age between {{ var('age_min') }} and {{ var('age_max') }}
),

final as (
    select
        census_year,
        lsoa_code,
        'all' as stratum_type,
        'all' as stratum,
        sum(population) as population
    from population
    group by census_year, lsoa_code

    union all

    select
        census_year,
        lsoa_code,
        'sex' as stratum_type,
        sex as stratum,
        sum(population) as population
    from population
    group by census_year, lsoa_code, sex

    union all

    select
        census_year,
        lsoa_code,
        'age' as stratum_type,
        cast(age as string) as stratum,
        sum(population) as population
    from population
    group by census_year, lsoa_code, age
)

select * from final
