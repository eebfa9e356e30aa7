with occurrences as (
    select * from {{ ref('int_episodes__occurrences') }}
),

children as (
    select * from {{ ref('int_episodes__children_located') }}
),

years as (
    select * from {{ ref('int_geography__census_year') }}
),

-- Many events to one child record, and to one year.
final as (
    select
        occurrences.census_year,
        occurrences.la_number,
        occurrences.child_no,
        occurrences.referral_no,
        occurrences.measure,
        occurrences.timing,
        occurrences.event_no,
        occurrences.event_date,
        children.person_no,
        children.birth_date,
        {{ event_age(
            'children.birth_date', 'occurrences.event_date', 'years.reference_date'
        ) }} as age,
        children.sex,
        children.ethnic_group,
        children.match_method,
        children.lsoa_code,
        children.la_code,
        children.location_status,
        children.is_cross_border
    from occurrences
    inner join years
        on
            occurrences.census_year = years.census_year
            and occurrences.event_date between years.year_start and years.reference_date
    inner join children
        on
            occurrences.census_year = children.census_year
            and occurrences.la_number = children.la_number
            and occurrences.child_no = children.child_no
)

select * from final
