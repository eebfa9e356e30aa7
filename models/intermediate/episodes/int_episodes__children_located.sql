with children as (
    select * from {{ ref('stg_census__children') }}
),

matches as (
    select * from {{ ref('int_episodes__child_lsoas') }}
),

lsoas as (
    select * from {{ ref('int_geography__lsoa') }}
),

-- One row per child record: each join finds at most one row.
final as (
    select
        children.census_year,
        children.la_number,
        children.child_no,
        children.child_key,
        -- Two records of one child in one return are one person.
        min(children.child_no) over (
            partition by children.census_year, children.la_number, children.child_key
        ) as person_no,
        children.birth_date,
        children.sex,
        children.ethnicity,
        {{ ethnic_group('children.ethnicity') }} as ethnic_group,
        coalesce(matches.match_method, 'none') as match_method,
        coalesce(matches.has_conflicting_lsoas, false) as has_conflicting_lsoas,
        matches.lsoa_code,
        lsoas.la_code,
        case
            when matches.lsoa_code is null then 'unmatched'
            when matches.lsoa_code not like 'E01%' then 'outside_england'
            when lsoas.lsoa_code is null then 'unknown_lsoa'
            when not lsoas.is_study_la then 'outside_study'
            else 'in_study'
        end as location_status,
        lsoas.la_number <> children.la_number as is_cross_border
    from children
    left join matches
        on
            children.census_year = matches.census_year
            and children.la_number = matches.la_number
            and children.child_no = matches.child_no
    left join lsoas
        on
            children.census_year = lsoas.census_year
            and matches.lsoa_code = lsoas.lsoa_code
)

select * from final
