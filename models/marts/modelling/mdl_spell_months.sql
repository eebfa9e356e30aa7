-- Every month of a spell that lies wholly in the census year, whenever the spell began:
-- late entry and censoring are then nobody's choice. Month m runs from m to m + 1
-- months after the start, the anniversary included, so that months 0 to 2 are "within 3
-- months".
with steps as (
    select * from {{ ref('int_cohort__steps') }}
    where is_counted and timing in ('prevalence', 'cessation')
),

spells as (
    select * from {{ ref('int_episodes__spells') }}
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

months as (
    {% for month_no in range(13) -%}
    select {{ month_no }} as month_no{{ ' union all' if not loop.last }}
    {% endfor -%}
),

-- A spell of the year is open on 31 March or ceased before, never both.
dated as (
    select
        steps.census_year,
        steps.measure,
        steps.lsoa_code,
        steps.la_code,
        months.month_no,
        years.year_start,
        years.reference_date,
        spells.start_date,
        spells.end_date,
        {{ add_months('spells.start_date', 'months.month_no') }} as month_start,
        {{ add_months('spells.start_date', '(months.month_no + 1)') }} as month_end
    from steps
    inner join spells
        on
            steps.census_year = spells.census_year
            and steps.la_number = spells.la_number
            and steps.child_no = spells.child_no
            and steps.referral_no = spells.referral_no
            and steps.measure = spells.measure
            and steps.event_no = spells.event_no
    inner join years on steps.census_year = years.census_year
    cross join months
),

-- The first day of a month is the day after its start, but for the first month.
observed as (
    select
        *,
        coalesce(end_date <= month_end, false) as is_ceased
    from dated
    where
        month_end <= reference_date
        and {{ days_between('year_start', 'month_start') }}
        >= case when month_no = 0 then 0 else -1 end
        and (
            end_date is null
            or end_date > month_start
            or (month_no = 0 and end_date = start_date)
        )
),

final as (
    select
        census_year,
        measure,
        lsoa_code,
        la_code,
        month_no,
        count(*) as at_risk,
        count(case when is_ceased then 1 end) as ceased
    from observed
    group by census_year, measure, lsoa_code, la_code, month_no
)

select * from final
