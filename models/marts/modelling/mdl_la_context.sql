with las as (
    select * from {{ ref('dim_la') }}
    where is_study_la
),

-- Each authority weighs the same (report, section 2.4), whatever its size.
measured as (
    select
        *,
        avg(la_income) over (partition by census_year) as mean_la_income,
        stddev_samp(la_income) over (partition by census_year) as sd_la_income
    from las
),

final as (
    select
        census_year,
        la_code,
        la_name,
        region_code,
        la_income,
        mean_la_income,
        10 * (la_income - mean_la_income) as x2,
        {{ safe_divide('la_income - mean_la_income', 'sd_la_income') }} as la_income_z,
        n_lsoas,
        population
    from measured
)

select * from final
