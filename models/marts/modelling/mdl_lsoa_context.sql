with lsoas as (
    select * from {{ ref('dim_lsoa') }}
    where is_study_la
),

las as (
    select * from {{ ref('mdl_la_context') }}
),

-- Many LSOAs to one authority. The unit of x1 and x2 is 10 percentage points.
final as (
    select
        lsoas.census_year,
        lsoas.lsoa_code,
        lsoas.msoa_code,
        lsoas.la_code,
        lsoas.income,
        las.la_income,
        las.mean_la_income,
        10 * (lsoas.income - las.la_income) as x1,
        las.x2,
        lsoas.is_rural,
        lsoas.people_per_sq_km,
        lsoas.population
    from lsoas
    inner join las
        on
            lsoas.census_year = las.census_year
            and lsoas.la_code = las.la_code
)

select * from final
