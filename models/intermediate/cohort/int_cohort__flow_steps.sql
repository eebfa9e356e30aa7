with steps as (
    {% for step, drop_reason in [
        ('in_returns', none),
        ('in_year', 'no date, or a date outside the census year'),
        ('birth_date_known', 'no date of birth'),
        ('in_age_range', 'younger or older than the ages studied'),
        ('matched', 'no location record with an area code'),
        ('lsoa_in_england', 'lives outside England'),
        ('lsoa_known', 'the area code is in no lookup'),
        ('return_accepted', "its authority''s return failed validation"),
        ('counted', 'lives in an authority left out for its size or its return'),
    ] %}
    select
        {{ loop.index }} as step_no,
        '{{ step }}' as step,
        {{ "'" ~ drop_reason ~ "'" if drop_reason else 'cast(null as string)' }}
            as drop_reason
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

measures as (
    select * from {{ ref('dim_measure') }}
),

timings as (
    select
        'incidence' as timing,
        false as is_of_spells
    union all
    select
        'prevalence' as timing,
        true as is_of_spells
    union all
    select
        'cessation' as timing,
        true as is_of_spells
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

final as (
    select
        years.census_year,
        measures.measure,
        timings.timing,
        steps.step_no,
        steps.step,
        steps.drop_reason
    from years
    cross join measures
    inner join timings on measures.has_prevalence or not timings.is_of_spells
    cross join steps
)

select * from final
