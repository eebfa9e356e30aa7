with lsoas as (
    select * from {{ ref('dim_lsoa') }}
    where is_study_la
),

las as (
    select * from {{ ref('mdl_la_context') }}
),

-- Equal numbers of LSOAs in each, the least deprived first (report, Figures 4, 7 and
-- 8); of LSOAs with one score the code decides, so that it is the same every time.
ranked as (
    select
        *,
        ntile(5) over (
            partition by census_year order by income nulls last, lsoa_code
        ) as income_quintile,
        ntile(10) over (
            partition by census_year order by income nulls last, lsoa_code
        ) as income_decile
    from lsoas
),

-- Many LSOAs to one authority. The unit of x1 and x2 is 10 percentage points.
final as (
    select
        ranked.census_year,
        ranked.lsoa_code,
        ranked.msoa_code,
        ranked.la_code,
        ranked.income,
        las.la_income,
        las.mean_la_income,
        10 * (ranked.income - las.la_income) as x1,
        las.x2,
        cast(ranked.income_quintile as integer) as income_quintile,
        cast(ranked.income_decile as integer) as income_decile,
        ranked.is_rural,
        ranked.people_per_sq_km,
        case
            when ranked.people_per_sq_km > 0 then ln(ranked.people_per_sq_km)
        end as log_density,
        -- Report, Table 17 and Figure 8.
        case
            when ranked.people_per_sq_km < 2000 then 'sparse'
            when ranked.people_per_sq_km > 5000 then 'dense'
            when ranked.people_per_sq_km is not null then 'mid'
        end as density_band,
        ranked.population
    from ranked
    inner join las
        on
            ranked.census_year = las.census_year
            and ranked.la_code = las.la_code
)

select * from final
