with lsoas as (
    select * from {{ ref('mdl_lsoa_context') }}
),

context as (
    select * from {{ ref('int_geography__lsoa_context') }}
),

-- One LSOA meets one row of context.
measured as (
    select
        lsoas.*,
        context.n_people,
        context.area_sq_km,
        case when lsoas.income is not null then lsoas.population end as income_weight,
        case when lsoas.is_rural then lsoas.population else 0 end as n_rural
    from lsoas
    left join context
        on
            lsoas.census_year = context.census_year
            and lsoas.lsoa_code = context.lsoa_code
),

-- Many LSOAs to one MSOA. Its score is the mean over the children that it is to explain
-- (the plain mean where it has none); its density, its people over its area.
msoas as (
    select
        census_year,
        msoa_code,
        la_code,
        la_income,
        mean_la_income,
        x2,
        coalesce(
            {{ safe_divide('sum(income * income_weight)', 'sum(income_weight)') }},
            avg(income)
        ) as income,
        {{ safe_divide('sum(n_rural)', 'sum(population)') }} as rural_share,
        {{ safe_divide('sum(n_people)', 'sum(area_sq_km)') }} as people_per_sq_km,
        count(*) as n_lsoas,
        sum(population) as population
    from measured
    group by census_year, msoa_code, la_code, la_income, mean_la_income, x2
),

final as (
    select
        census_year,
        msoa_code,
        la_code,
        income,
        la_income,
        mean_la_income,
        10 * (income - la_income) as x1,
        x2,
        coalesce(rural_share >= 0.5, false) as is_rural,
        rural_share,
        people_per_sq_km,
        n_lsoas,
        population
    from msoas
)

select * from final
