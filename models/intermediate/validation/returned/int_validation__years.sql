-- The dates of a census year that its rules ask for. A working day is no Saturday,
-- Sunday or English bank holiday; the day that is n working days before another is the
-- n-th working day before it, not counting it.
with arrived as (
    select {{ try_int('landed.census_year') }} as census_year
    from {{ source('census', 'children') }} as landed
    union
    select {{ try_int('landed.census_year') }} as census_year
    from {{ source('census', 'returns') }} as landed
),

holidays as (
    select * from {{ ref('bank_holidays') }}
),

years as (
    select
        census_year,
        least(greatest(census_year, 2017), 2026) as rule_year,
        {{ make_date('census_year - 1', 4, 1) }} as year_start,
        {{ make_date('census_year', 3, 31) }} as year_end
    from arrived
    where census_year is not null
),

digits as (
    {% for digit in range(10) -%}
    select {{ digit }} as digit{{ ' union all' if not loop.last }}
    {% endfor -%}
),

-- A hundred days back hold the 45 working days before 31 March and Easter.
boundaries as (
    select
        census_year,
        year_start as boundary
    from years
    union all
    select
        census_year,
        year_end as boundary
    from years
),

days as (
    select
        boundaries.census_year,
        boundaries.boundary,
        {{ add_days('boundaries.boundary', '-1 - tens.digit * 10 - ones.digit') }}
            as day_date
    from boundaries
    cross join digits as tens
    cross join digits as ones
),

working_days as (
    select
        days.census_year,
        days.boundary,
        days.day_date,
        row_number() over (
            partition by days.census_year, days.boundary
            order by days.day_date desc
        ) as days_before
    from days
    left join holidays on days.day_date = holidays.bank_holiday_date
    where
        holidays.bank_holiday_date is null
        and not {{ is_weekend('days.day_date') }}
),

final as (
    select
        years.census_year,
        years.rule_year,
        years.year_start,
        years.year_end,
        before_start.day_date as working_day_before_start,
        before_end_15.day_date as working_days_15_before_end,
        before_end_45.day_date as working_days_45_before_end
    from years
    {% for alias, boundary, n in [
        ('before_start', 'year_start', 1),
        ('before_end_15', 'year_end', 15),
        ('before_end_45', 'year_end', 45),
    ] -%}
    inner join working_days as {{ alias }}
        on
            years.census_year = {{ alias }}.census_year
            and years.{{ boundary }} = {{ alias }}.boundary
            and {{ alias }}.days_before = {{ n }}
    {% endfor -%}
)

select * from final
